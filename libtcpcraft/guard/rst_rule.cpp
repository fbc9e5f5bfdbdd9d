#include <algorithm>
#include <array>
#include <charconv>

#include <libtcpcraft/guard/rst_rule.hpp>

namespace tcpcraft {

namespace {

constexpr std::string_view comment_prefix = "tcpcraft:";

// Netfilter knows no zones: the address alone.
std::string bare(const Address& address) { return address.with_zone(0).text(); }

std::string ports(const RstRule& rule, char between) {
    const std::string first = std::to_string(rule.first.value);
    return rule.first == rule.last ? first : first + between + std::to_string(rule.last.value);
}

void append(std::vector<std::string>& to, std::initializer_list<std::string> words) {
    to.insert(to.end(), words);
}

/// How each side says who is who.
struct SideWords {
    std::string_view local_address{};
    std::string_view remote_address{};
    std::string_view local_port{};
    std::string_view remote_port{};
};

constexpr SideWords iptables_words(RuleSide side) {
    return side == RuleSide::departures ? SideWords{"-s", "-d", "--sport", "--dport"}
                                        : SideWords{"-d", "-s", "--dport", "--sport"};
}

constexpr SideWords nft_words(RuleSide side) {
    return side == RuleSide::departures ? SideWords{" saddr ", " daddr ", "sport ", "dport "}
                                        : SideWords{" daddr ", " saddr ", "dport ", "sport "};
}

std::string nft_match(const RstRule& rule) {
    const SideWords word = nft_words(rule.side);
    const std::string family = rule.local.is_v6() ? " ip6" : " ip";
    std::string match = "meta nfproto " + std::string{rule.local.is_v6() ? "ipv6" : "ipv4"};
    const auto add = [&match](const std::string& before, std::string_view what,
                              const std::string& value) {
        match += before + std::string{what} + value;
    };
    if (!rule.local.is_unspecified()) {
        add(family, word.local_address, bare(rule.local));
    }
    if (rule.remote) {
        add(family, word.remote_address, bare(rule.remote->address));
    }
    add(" tcp ", word.local_port, ports(rule, '-'));
    if (rule.remote && rule.remote->port.value != 0) {
        add(" tcp ", word.remote_port, std::to_string(rule.remote->port.value));
    }
    return match;
}

std::string nft_rules(const RstRule& rule) {
    const std::string add = "add rule inet " + nft_table(rule) + " out ";
    if (rule.side == RuleSide::arrivals) {
        return add + nft_match(rule) + " counter name dropped drop";
    }
    // A kernel RST has no uid, and a match on it fails: so the owner's go first, then the rest.
    return add + "meta skuid " + std::to_string(rule.owner) + " accept; " + add + nft_match(rule) +
           " tcp flags & rst == rst counter name dropped drop";
}

std::uint64_t leading_number(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// The whole comment must be ours: somebody may well write about tcpcraft in a rule of their own.
std::string token_in(std::string_view line) {
    constexpr std::string_view option = "--comment ";
    const auto at = line.find(option);
    if (at == std::string_view::npos) {
        return "";
    }
    std::string_view comment = line.substr(at + option.size());
    const char end_mark = comment.starts_with('"') ? '"' : ' ';
    comment.remove_prefix(end_mark == '"' ? 1 : 0);
    comment = comment.substr(0, comment.find(end_mark));
    if (!comment.starts_with(comment_prefix)) {
        return "";
    }
    comment.remove_prefix(comment_prefix.size());
    const bool plain = comment.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    return plain ? std::string{comment} : "";
}

std::optional<SavedRule> saved_rule(std::string_view line, std::string_view table) {
    auto rule = line.find("-A OUTPUT ");
    for (const std::string_view chain : {"-A PREROUTING ", "-A INPUT "}) {
        rule = rule == std::string_view::npos ? line.find(chain) : rule;
    }
    const std::string token = token_in(line);
    if (rule == std::string_view::npos || token.empty()) {
        return std::nullopt;
    }
    SavedRule found{std::string{table}, token, 0, std::string{line.substr(rule)}};
    if (rule > 0 && line.front() == '[') {
        found.packets = leading_number(line.substr(1));
    }
    return found;
}

std::string_view chain_of(const RstRule& rule) noexcept {
    if (rule.side == RuleSide::departures) {
        return "OUTPUT";
    }
    return rule.table == RuleTable::raw ? "PREROUTING" : "INPUT";
}

}  // namespace

std::string_view name_of(RuleTable table) noexcept {
    return table == RuleTable::raw ? "raw" : "filter";
}

std::string text(const RstRule& rule) {
    const bool arrivals = rule.side == RuleSide::arrivals;
    const std::string host = rule.local.is_v6() ? "[" + rule.local.text() + "]" : rule.local.text();
    std::string text = (arrivals ? "all for " : "RST from ") + host + ":" + ports(rule, '-');
    if (rule.remote) {
        text += (arrivals ? " from " : " to ") + rule.remote->text();
    }
    return text;
}

std::string what_is_dropped(const RstRule& rule) {
    return rule.side == RuleSide::arrivals
               ? text(rule)
               : text(rule) + " that uid " + std::to_string(rule.owner) + " did not send";
}

std::vector<std::string> iptables_arguments(const RstRule& rule, RuleVerb verb) {
    const SideWords word = iptables_words(rule.side);
    const auto pair = [](std::string_view option, std::string value) {
        return std::array{std::string{option}, std::move(value)};
    };
    std::vector<std::string> words;
    const auto add = [&words](std::array<std::string, 2> both) {
        words.insert(words.end(), both.begin(), both.end());
    };
    // First in the chain, or an ACCEPT before it would shadow it; with -w, or legacy waits for
    // ever.
    append(words, {"-w", "5", "-t", std::string{name_of(rule.table)}});
    add(pair(verb == RuleVerb::insert ? "-I" : "-D", std::string{chain_of(rule)}));
    if (verb == RuleVerb::insert) {
        append(words, {"1"});
    }
    append(words, {"-p", "tcp"});
    if (!rule.local.is_unspecified()) {
        add(pair(word.local_address, bare(rule.local)));
    }
    if (rule.remote) {
        add(pair(word.remote_address, bare(rule.remote->address)));
    }
    add(pair(word.local_port, ports(rule, ':')));
    if (rule.remote && rule.remote->port.value != 0) {
        add(pair(word.remote_port, std::to_string(rule.remote->port.value)));
    }
    if (rule.side == RuleSide::departures) {
        append(words, {"--tcp-flags", "RST", "RST", "-m", "owner", "!", "--uid-owner"});
        append(words, {std::to_string(rule.owner)});
    }
    append(words, {"-m", "comment", "--comment"});
    append(words, {std::string{comment_prefix} + rule.token, "-j", "DROP"});
    return words;
}

std::string nft_table(const RstRule& rule) { return "tcpcraft-" + rule.token; }

std::string nft_create(const RstRule& rule) {
    const std::string table = "inet " + nft_table(rule);
    return "add table " + table + " { flags owner; }; add counter " + table +
           " dropped; add chain " + table + " out { type filter hook " +
           (rule.side == RuleSide::departures ? "output" : "prerouting") +
           " priority -300; policy accept; }; " + nft_rules(rule) + "\n";
}

std::string nft_replace(const RstRule& rule) {
    return "flush chain inet " + nft_table(rule) + " out; " + nft_rules(rule) + "\n";
}

std::optional<std::uint64_t> nft_packets(std::string_view listing) {
    constexpr std::string_view word = "packets ";
    const auto at = listing.find(word);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    return leading_number(listing.substr(at + word.size()));
}

std::vector<SavedRule> saved_rules(std::string_view saved) {
    std::vector<SavedRule> ours;
    std::string_view table;
    while (!saved.empty()) {
        const std::string_view line = saved.substr(0, saved.find('\n'));
        saved.remove_prefix(std::min(line.size() + 1, saved.size()));
        if (line.starts_with('*')) {
            table = line.substr(1);
        } else if (auto rule = saved_rule(line, table)) {
            ours.push_back(std::move(*rule));
        }
    }
    return ours;
}

std::vector<SavedRule> nft_tables(std::string_view listing) {
    constexpr std::string_view start = "table inet tcpcraft-";
    std::vector<SavedRule> ours;
    for (auto at = listing.find(start); at != std::string_view::npos; at = listing.find(start)) {
        listing.remove_prefix(at + start.size());
        const std::string token{listing.substr(0, listing.find(' '))};
        const std::string_view table = listing.substr(0, listing.find("\n}"));
        ours.push_back({"inet tcpcraft-" + token, token, nft_packets(table).value_or(0),
                        "table inet tcpcraft-" + token});
    }
    return ours;
}

std::string restore_input_deleting(const std::vector<SavedRule>& rules) {
    std::string input;
    for (const std::string_view table : {"raw", "filter"}) {
        std::string lines;
        for (const SavedRule& rule : rules) {
            if (rule.table == table) {
                lines += "-D" + rule.line.substr(2) + "\n";
            }
        }
        if (!lines.empty()) {
            input += "*" + std::string{table} + "\n" + lines + "COMMIT\n";
        }
    }
    return input;
}

}  // namespace tcpcraft
