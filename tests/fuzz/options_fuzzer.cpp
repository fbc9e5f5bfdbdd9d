// Any forty octets are an option list: it ends, and it is written and printed as it was read.
#include <tests/fuzz/require.hpp>
#include <tests/fuzz/target.hpp>

#include <libtcpcraft/wire/options.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace {

using tcpcraft::Options;
using tcpcraft::fuzz::require;

void check_walk(const Options& options) {
    Options again;
    std::size_t octets = 0;
    for (auto at = options.begin(); at != options.end(); ++at) {
        require(!at.octets().empty(), "every step goes on");
        octets += at.octets().size();
        require(octets <= options.size(), "the walk ends");
        require(again.append(*at), "what was read can be written");
        require(tcpcraft::same(*at, *at), "an option equals itself");
    }
    require(again == *Options::from_octets(options.octets().first(octets)),
            "read, then written, is the identity");
}

void check_text(const Options& options) {
    const auto text = tcpcraft::options_text(options);
    const auto read = tcpcraft::read_options(text);
    require(read.has_value(), "what is printed can be read");
    require(*read == options, "printed, then read, is the identity");
}

void check_timestamps(Options options) {
    const tcpcraft::Timestamps value{1, 2};
    const auto before = options.find<tcpcraft::Timestamps>();
    require(options.set_timestamps(value) == before.has_value(), "set where there are some");
    require(!before || options.find<tcpcraft::Timestamps>() == value, "set to the value");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto options = Options::from_octets(std::as_bytes(std::span{data, size}));
    require(options.has_value() == (size <= Options::capacity), "forty octets fit");
    if (options) {
        check_walk(*options);
        check_text(*options);
        check_timestamps(*options);
    }
    return 0;
}
