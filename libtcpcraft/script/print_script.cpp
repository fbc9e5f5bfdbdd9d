#include <array>

#include <fmt/format.h>

#include <libtcpcraft/script/script_cursor.hpp>
#include <libtcpcraft/wire/text.hpp>

namespace tcpcraft {

namespace {

constexpr std::array<std::string_view, 4> codepoint_words{"noecn", "ect1", "ect0", "ce"};

std::string time_text(Duration time) {
    return fmt::format("{}.{:06}", time.count() / 1'000'000, time.count() % 1'000'000);
}

std::string ip_text(const ScriptIp& ip) {
    std::string made;
    const auto add = [&made](const std::string& item) {
        made += (made.empty() ? "" : ", ") + item;
    };
    if (ip.ecn) {
        add(std::string{codepoint_words[*ip.ecn & 3U]});
    }
    if (ip.either_ect) {
        add("ect01");
    }
    if (ip.tos) {
        add(fmt::format("tos {:#04x}", *ip.tos));
    }
    if (ip.ttl) {
        add(fmt::format("ttl {}", *ip.ttl));
    }
    if (ip.flow_label) {
        add(fmt::format("flowlabel {:#x}", *ip.flow_label));
    }
    return made.empty() ? made : "(" + made + ") ";
}

std::string number_text(const ScriptNumber& number) {
    return fmt::format("{}{}", number.value, number.absolute ? "!" : "");
}

std::string sequence_text(const ScriptSegment& s) {
    const auto length = s.length ? std::to_string(*s.length) : "*";
    if (!s.seq) {
        return fmt::format(" *:*({})", length);
    }
    const auto end = s.length ? std::to_string(s.seq->value + *s.length) : "*";
    return fmt::format(" {}:{}({}){}", s.seq->value, end, length, s.seq->absolute ? "!" : "");
}

/// `~> R`: nothing but the control bits is said.
bool flags_only(const ScriptSegment& s) {
    return s.unwanted && !s.seq && !s.length && !s.ack && !s.ack_all && !s.wnd && !s.up &&
           !s.options && !s.payload;
}

std::string icmp_text(const ScriptIcmp& icmp) {
    std::string made =
        fmt::format("{} {}icmp {}", icmp.direction == ScriptDirection::inbound ? "<" : ">",
                    ip_text(icmp.ip), icmp.type);
    if (!icmp.code.empty()) {
        made += " " + icmp.code;
    }
    if (icmp.mtu) {
        made += fmt::format(" mtu {}", *icmp.mtu);
    }
    if (icmp.id) {
        made += fmt::format(" id {}", *icmp.id);
    }
    if (icmp.echoed_seq) {
        const std::uint32_t first = icmp.echoed_seq->value;
        made += fmt::format(" [{}:{}({})]", first, first + icmp.echoed_length, icmp.echoed_length);
    }
    return made;
}

std::string options_lines(const ScriptOptions& options) {
    using Version = ScriptOptions::Version;
    std::string made;
    const auto add = [&made](std::string_view name, const std::string& value) {
        made += fmt::format("--{}{}{}\n", name, value.empty() ? "" : "=", value);
    };
    if (options.ip_version != Version::any) {
        add("ip_version", options.ip_version == Version::ipv4   ? "ipv4"
                          : options.ip_version == Version::ipv6 ? "ipv6"
                                                                : "ipv4-mapped-ipv6");
    }
    if (options.tolerance) {
        add("tolerance_usecs", std::to_string(options.tolerance->count()));
    }
    if (options.tolerance_percent) {
        add("tolerance_percent", fmt::format("{:.0f}", *options.tolerance_percent));
    }
    if (options.timestamp_tick) {
        add("tcp_ts_tick_usecs", std::to_string(options.timestamp_tick->count()));
    }
    if (options.local) {
        add("local_ip", options.local->text());
    }
    if (options.remote) {
        add("remote_ip", options.remote->text());
    }
    if (options.bind_port) {
        add("bind_port", std::to_string(options.bind_port->value));
    }
    if (options.connect_port) {
        add("connect_port", std::to_string(options.connect_port->value));
    }
    if (options.mtu) {
        add("mtu", std::to_string(*options.mtu));
    }
    if (options.strict_segments) {
        add("strict_segments", "");
    }
    return made;
}

}  // namespace

std::string script_text(const ScriptTime& time) {
    if (time.base == ScriptTime::Base::any) {
        return "*";
    }
    const std::string sign = time.base == ScriptTime::Base::previous ? "+" : "";
    std::string made = sign + time_text(time.from);
    if (time.until) {
        made += "~" + sign + time_text(*time.until);
    }
    if (time.returns) {
        made += "..." + time_text(*time.returns);
    }
    return made;
}

std::string script_text(const ScriptSegment& s) {
    std::string made = s.unwanted                                ? "~> "
                       : s.maybe                                 ? "?> "
                       : s.direction == ScriptDirection::inbound ? "< "
                                                                 : "> ";
    made += ip_text(s.ip);
    if (s.ports) {
        made += fmt::format("{} > {} ", s.ports->source.value, s.ports->destination.value);
    }
    made += s.flags ? flags_text(*s.flags) : "*";
    if (flags_only(s)) {
        return made;
    }
    made += sequence_text(s);
    if (s.ack || s.ack_all) {
        made += " ack " + (s.ack_all ? "*" : number_text(*s.ack));
    }
    if (s.wnd) {
        made += fmt::format(" win {}", *s.wnd);
    }
    if (s.up) {
        made += fmt::format(" urg {}", *s.up);
    }
    if (!s.options) {
        made += " <...>";
    } else if (!s.options->empty()) {
        made += " <" + options_text(*s.options) + ">";
    }
    if (s.payload) {
        made += " " + script::quoted_text(*s.payload);
    }
    return made;
}

std::string script_text(const ScriptEvent& event) {
    struct Printer {
        std::string operator()(const ScriptSegment& s) const { return script_text(s); }
        std::string operator()(const ScriptIcmp& icmp) const { return icmp_text(icmp); }
        std::string operator()(const ScriptCall& call) const { return script_text(call); }
        std::string operator()(const ScriptShell& shell) const { return "`" + shell.command + "`"; }
        std::string operator()(const ScriptCode& code) const { return "%{" + code.text + "}%"; }
    };
    return std::visit(Printer{}, event.what);
}

std::string script_text(const Script& script) {
    std::string made = options_lines(script.options);
    if (script.setup) {
        made += "`" + script.setup->command + "`\n";
    }
    for (const ScriptEvent& event : script.events) {
        made += script_text(event.time) + " " + script_text(event) + "\n";
    }
    if (script.cleanup) {
        made += "`" + script.cleanup->command + "`\n";
    }
    return made;
}

}  // namespace tcpcraft
