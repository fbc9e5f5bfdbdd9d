// Gives every file of the folders that are named to the fuzz target: what once failed stays fixed,
// with any compiler.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <tests/fuzz/target.hpp>

namespace {

std::vector<std::uint8_t> octets_of(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t inputs = 0;
    for (int i = 1; i < argc; ++i) {
        for (const auto& entry : std::filesystem::directory_iterator{argv[i]}) {
            std::fprintf(stderr, "%s\n", entry.path().c_str());  // named before it may abort
            const auto octets = octets_of(entry.path());
            LLVMFuzzerTestOneInput(octets.data(), octets.size());
            ++inputs;
        }
    }
    std::printf("%zu inputs replayed\n", inputs);
    return inputs > 0 ? 0 : 1;
}
