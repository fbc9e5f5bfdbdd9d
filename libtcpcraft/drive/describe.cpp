#include <array>
#include <utility>

#include <fmt/format.h>

#include <libtcpcraft/drive/describe.hpp>

namespace tcpcraft {

std::string spelled(Flags flags) {
    static constexpr std::array<std::pair<Flag, const char*>, 9> names{{{Flag::syn, "SYN"},
                                                                        {Flag::fin, "FIN"},
                                                                        {Flag::rst, "RST"},
                                                                        {Flag::ack, "ACK"},
                                                                        {Flag::psh, "PSH"},
                                                                        {Flag::urg, "URG"},
                                                                        {Flag::ece, "ECE"},
                                                                        {Flag::cwr, "CWR"},
                                                                        {Flag::ae, "AE"}}};
    std::string out;
    for (const auto& [flag, name] : names) {
        if (flags.has(flag)) {
            out += (out.empty() ? "" : ",") + std::string{name};
        }
    }
    return out.empty() ? "no flags" : out;
}

std::string cause(const Event& event) {
    if (const auto* arrival = std::get_if<SegmentArrives>(&event)) {
        const bool data = !arrival->segment.payload.empty();
        return spelled(arrival->segment.flags) + (data ? " with data arrives" : " arrives");
    }
    if (std::holds_alternative<TimePasses>(event)) {
        return "timeout";
    }
    return std::string{text(event)} + (std::holds_alternative<IcmpArrives>(event) ? "" : " call");
}

std::string describe(const FaultReport& report) {
    switch (report.kind) {
        case FaultKind::drop:
            return "drop";
        case FaultKind::delay:
            return "delay " + spoken(report.delay);
        case FaultKind::duplicate:
            return "duplicate";
        case FaultKind::reorder:
            return "reorder";
        case FaultKind::corrupt:
            return "corrupt";
    }
    return "fault";
}

namespace {

std::string pair(std::int64_t large, const char* unit, std::int64_t small, const char* lesser) {
    return small == 0 ? fmt::format("{} {}", large, unit)
                      : fmt::format("{} {} {} {}", large, unit, small, lesser);
}

}  // namespace

std::string spoken(Duration d) {
    const std::int64_t us = d.count();
    if (us < 1000) {
        return fmt::format("{} us", us);
    }
    if (us < 1'000'000) {
        return fmt::format("{:.4g} ms", static_cast<double>(us) / 1e3);
    }
    if (us < 60'000'000) {
        return fmt::format("{:.4g} s", static_cast<double>(us) / 1e6);
    }
    const std::int64_t s = (us + 500'000) / 1'000'000;
    if (s < 3600) {
        return pair(s / 60, "min", s % 60, "s");
    }
    if (s < 2 * 86400) {
        return pair(s / 3600, "h", s % 3600 / 60, "min");
    }
    return pair(s / 86400, "d", s % 86400 / 3600, "h");
}

}  // namespace tcpcraft
