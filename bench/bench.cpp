#include <cstdio>
#include <vector>

#include <bench/bench.hpp>

namespace tcpcraft::bench {

namespace {

std::vector<Check>& checks() {
    static std::vector<Check> all;
    return all;
}

bool all_agree() {
    bool agreed = true;
    for (const Check& check : checks()) {
        if (const std::string why = check.differs(); !why.empty()) {
            std::fprintf(stderr, "bench: %s: %s\n", check.what.c_str(), why.c_str());
            agreed = false;
        }
    }
    return agreed;
}

}  // namespace

void require(Check check) { checks().push_back(std::move(check)); }

void say_absent(std::string_view peer) {
    std::fprintf(stderr, "bench: %.*s is absent: no comparison with it\n",
                 static_cast<int>(peer.size()), peer.data());
}

}  // namespace tcpcraft::bench

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    prepare_bench();
    if (!tcpcraft::bench::all_agree()) {
        return 1;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
