#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

namespace tcpcraft::bench {

/// What has to be true before anything is measured: that all who are compared give the same result.
/// `differs` says in words what does not agree, or nothing. A program with a check that fails
/// measures nothing and ends with status 1.
struct Check {
    std::string what{};
    std::function<std::string()> differs{};
};
void require(Check check);

/// Registers a measurement under the name that scripts/bench pairs by: the same work done by
/// tcpcraft and by others, in this order, gives ratios. Neither holds a slash.
template <typename Measured>
benchmark::internal::Benchmark* measure(std::string_view work, std::string_view who,
                                        Measured&& measured) {
    const std::string name = std::string{work} + '/' + std::string{who};
    return benchmark::RegisterBenchmark(name.c_str(), std::forward<Measured>(measured));
}

/// For stderr: with whom there is no comparison in this build.
void say_absent(std::string_view peer);

}  // namespace tcpcraft::bench

/// Each program defines it: its require(), measure() and say_absent() calls.
void prepare_bench();
