#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <tools/cli/option_group.hpp>
#include <tools/cli/read_number.hpp>
#include <tools/cli/target_list.hpp>

namespace tcpcraft::cli {

namespace {

constexpr double most_a_second = 1e6;
constexpr std::uint64_t most_at_once = 1'000'000;
constexpr std::size_t most_told = 20;  // of a list that is not one

/// Where a person reads of it.
std::string name_of(const TargetListOptions& options) {
    return options.file == "-" ? "standard input" : options.file;
}

/// A comment begins a line or follows a space: `#` is no part of a name.
std::vector<std::string> words_of(const std::string& line) {
    std::istringstream in{line};
    std::vector<std::string> words;
    for (std::string word; in >> word && !word.starts_with('#');) {
        words.push_back(word);
    }
    return words;
}

bool printable(const std::string& word) {
    return std::ranges::none_of(word, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
}

Expected<ListedTarget> read_line(std::vector<std::string> words, const PeerOptions& peer) {
    if (words.size() > 2) {
        return failure({},
                       fmt::format("{} words; a line is HOST:PORT, or HOST PORT", words.size()));
    }
    if (!std::ranges::all_of(words, printable)) {
        return failure({}, "this is no text: a line is HOST:PORT, or HOST PORT");
    }
    PeerOptions one = peer;
    const bool own_port = words.size() == 2 || has_port(words[0]);
    one.port = own_port ? std::uint16_t{0} : peer.port;
    one.target = std::move(words);
    auto target = read_target(one);
    if (!target) {
        return Unexpected<Error>{target.error()};
    }
    if (const auto literal = Address::read(target->host)) {
        if (const auto possible = can_be_a_peer(*literal); !possible) {
            return Unexpected<Error>{possible.error()};
        }
    }
    return ListedTarget{.text = typed_target(one), .target = std::move(*target)};
}

}  // namespace

Expected<Shard> read_shard(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto index = read_number(text.substr(0, slash));
    const auto count =
        slash == std::string_view::npos ? std::nullopt : read_number(text.substr(slash + 1));
    if (!index || !count || *index == 0 || *index > *count) {
        return failure({}, fmt::format("'{}' is no part of a list: I/N, from 1/N to N/N", text));
    }
    return Shard{static_cast<std::size_t>(*index), static_cast<std::size_t>(*count)};
}

Expected<double> read_rate(std::string_view text) {
    const std::string number{text.substr(0, text.find('/'))};
    const std::string_view per = text.substr(number.size());
    char* end{nullptr};
    const bool plain =
        !number.empty() && number.find_first_not_of("0123456789.") == std::string::npos;
    const double read = plain ? std::strtod(number.c_str(), &end) : 0;
    const double rate = per == "/m" ? read / 60 : read;
    const bool known = per.empty() || per == "/s" || per == "/m";
    if (!plain || *end != '\0' || !known || rate <= 0 || rate > most_a_second) {
        return failure({}, fmt::format("'{}' is no rate: 10, 10/s, 0.5/s, 30/m", text));
    }
    return rate;
}

void add_target_list(CLI::App& app, TargetListOptions& options, const std::string& group_name) {
    OptionGroup group{app, group_name};
    const auto take_rate = [&options](const std::string& text) -> std::string {
        const auto rate = read_rate(text);
        options.rate = rate.value_or(options.rate);
        return rate ? std::string{} : rate.error().attempt;
    };
    const auto take_shard = [&options](const std::string& text) -> std::string {
        const auto shard = read_shard(text);
        if (!shard) {
            return shard.error().attempt;
        }
        options.shard = *shard;
        return {};
    };
    group.text("--targets", "FILE", options.file, "");
    group.value("--shard", "I/N", take_shard, "one a line (-: stdin); every N-th");
    group.value("--rate", "N/s", take_rate, "");
    group.number("--in-flight", options.in_flight, 1, most_at_once,
                 "begun a second (10/s); at once (1000)");
}

std::optional<std::string> contradiction(const CLI::App& app, const TargetListOptions& list,
                                         const CommonOptions& options) {
    const PeerOptions& peer = options.peer;
    if (!list.given()) {
        for (const char* name : {"--rate", "--in-flight", "--shard"}) {
            if (app.count(name) > 0) {
                return fmt::format("{} belongs to a list: --targets FILE", name);
            }
        }
        return std::nullopt;
    }
    if (!peer.target.empty()) {
        return "--targets has the targets: give a list, or one target";
    }
    if (peer.listen) {
        return "--targets asks for connections, -l waits for them: give either";
    }
    if (options.output.explain || options.output.show_tcb) {
        return fmt::format("{} tells of one connection: not with --targets",
                           options.output.explain ? "--explain" : "--show-tcb");
    }
    return std::nullopt;
}

tl::expected<TargetList, std::vector<std::string>> read_target_list(
    std::istream& in, const TargetListOptions& options, const PeerOptions& peer) {
    const Shard shard = options.shard.value_or(Shard{});
    TargetList made;
    std::vector<std::string> wrong;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line) && wrong.size() < most_told;) {
        ++number;
        auto words = words_of(line);
        if (words.empty()) {
            continue;
        }
        auto read = read_line(std::move(words), peer);
        if (!read) {
            wrong.push_back(
                fmt::format("{}:{}: {}", name_of(options), number, read.error().attempt));
        } else if (made.whole++ % shard.count == shard.index - 1) {
            read->line = number;
            made.targets.push_back(std::move(*read));
        }
    }
    if (wrong.empty() && made.whole == 0) {
        wrong.push_back(fmt::format("{}: there is no target in it", name_of(options)));
    }
    if (!wrong.empty()) {
        return tl::unexpected<std::vector<std::string>>{std::move(wrong)};
    }
    return made;
}

tl::expected<TargetList, std::vector<std::string>> load_target_list(
    const TargetListOptions& options, const PeerOptions& peer) {
    if (options.file == "-") {
        return read_target_list(std::cin, options, peer);
    }
    std::ifstream file{options.file};
    if (!file) {
        return tl::unexpected<std::vector<std::string>>{
            {fmt::format("cannot read {}: {}", options.file, last_system_error().message())}};
    }
    return read_target_list(file, options, peer);
}

}  // namespace tcpcraft::cli
