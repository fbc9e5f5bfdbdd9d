#include <algorithm>
#include <array>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tools/cli/offered_words.hpp>
#include <tools/cli/option_group.hpp>
#include <tools/cli/payload.hpp>
#include <tools/keepalive_idle_options.hpp>

namespace tcpcraft::cli {

namespace {

using namespace std::chrono_literals;

constexpr const char* group = "Idle";
constexpr std::size_t most_at_once = 2000;

constexpr const char* examples = R"(Examples:
  tcp-keepalive idle example.org:443 --most 10m --checkpoint FILE
  tcp-keepalive idle example.org:22 --refresh keepalive
  tcp-keepalive idle --simulate --simulate-path 350s,reset
Each trial is a connection of its own, ended by RST. With --refresh, once the
timeout T is known: that traffic after 0.7 T, then 0.7 T of silence; what is
alive then was restarted by it. inbound: only what the peer says of itself.
Exit status: 0 found or none up to --most, 1 SYN refused, 2 usage,
3 inconclusive, 4 environment, 130 interrupted (what is known is said).)";

constexpr std::array states{IdleState::established, IdleState::half_open, IdleState::half_closed,
                            IdleState::time_wait};
constexpr std::array refreshes{IdleRefresh::none, IdleRefresh::keepalive, IdleRefresh::payload,
                               IdleRefresh::inbound};

/// An option that takes one of these by name.
template <typename T, std::size_t N>
CLI::Option* add_choice(OptionGroup options, const std::string& name, const std::string& what,
                        const std::array<T, N>& all, T& into, const std::string& description) {
    std::vector<std::string> words;
    for (const T one : all) {
        words.emplace_back(text(one));
    }
    const auto take = [&all, &into, words](const std::string& word) {
        const auto found = std::ranges::find(words, word);
        if (found == words.end()) {
            return fmt::format("'{}' is none of {}", word, fmt::join(words, ", "));
        }
        into = all[static_cast<std::size_t>(found - words.begin())];
        return std::string{};
    };
    return offer(options.value(name, what, take, description), words);
}

CLI::Option* add_length(CLI::App& app, const std::string& name, Duration& into,
                        const std::string& what) {
    return app
        .add_option_function<std::string>(
            name,
            [&into, name](const std::string& text) {
                const auto read = read_duration(text);
                if (!read || *read <= 0s) {
                    throw CLI::ValidationError(
                        name, read ? "is not more than nothing" : read.error().message());
                }
                into = *read;
            },
            what)
        ->type_name("D")
        ->group(group);
}

CLI::Option* add_count(CLI::App& app, const std::string& name, std::size_t& into,
                       const std::string& what) {
    return app.add_option(name, into, what)
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, most_at_once))
        ->group(group);
}

bool take_word(const std::string& word, ForgetfulPathOptions& made) {
    using Then = ForgetfulPathOptions::Then;
    if (word == "reset" || word == "reset-at-once") {
        made.then = word == "reset" ? Then::reset : Then::reset_at_once;
    } else if (word == "data-only") {
        made.empty_restarts = false;
    } else if (word == "outbound-only") {
        made.inbound_restarts = false;
    } else {
        return false;
    }
    return true;
}

bool take_length(const std::string& name, Duration length, ForgetfulPathOptions& made) {
    if (name.empty()) {
        made.established = length;
    } else if (name == "half-open") {
        made.half_open = length;
    } else if (name == "half-closed") {
        made.half_closed = length;
    } else if (name == "time-wait") {
        made.closed = length;
    } else {
        return false;
    }
    return true;
}

}  // namespace

Expected<ForgetfulPathOptions> read_simulated_path(const std::string& text) {
    ForgetfulPathOptions made;
    for (const std::string& part : CLI::detail::split(text, ',')) {
        if (take_word(part, made)) {
            continue;
        }
        const std::size_t equals = part.find('=');
        const std::string name = equals == std::string::npos ? "" : part.substr(0, equals);
        const auto length =
            read_duration(equals == std::string::npos ? part : part.substr(equals + 1));
        if (!length || !take_length(name, *length, made)) {
            return failure({}, fmt::format("'{}' is none of D, reset, reset-at-once, half-open=D, "
                                           "half-closed=D, time-wait=D, data-only, outbound-only",
                                           part));
        }
    }
    return made;
}

void declare_idle(CLI::App& app, IdleOptions& o) {
    add_length(app, "--least", o.limits.least, "");
    add_length(app, "--most", o.limits.most, "silences to look through (1s to 130m)");
    add_length(app, "--resolution", o.limits.resolution, "how exactly (1s)");
    add_count(app, "--parallel", o.limits.parallel, "");
    add_count(app, "--rate", o.rate, "at once (256); opened a second (50)");
    const OptionGroup options{app, group};
    add_choice(options, "--state", "S", states, o.state, "established; half-open, half-closed,");
    add_choice(options, "--refresh", "KIND", refreshes, o.refresh,
               "time-wait; keepalive, payload, inbound");
    add_send(app, o.send, "data before the silence, and as payload")->group(group);
    app.add_option("--checkpoint", o.checkpoint, "")->type_name("FILE")->group(group);
    app.add_flag("--resume", o.resume, "what is known; go on from there")->group(group);
    app.add_option_function<std::string>(
           "--simulate-path",
           [&o](const std::string& text) {
               const auto read = read_simulated_path(text);
               if (!read) {
                   throw CLI::ValidationError("--simulate-path", read.error().message());
               }
               o.simulated_path = *read;
           },
           "what it forgets: D[,reset]...")
        ->type_name("...")
        ->group(group);
    for (const char* name : {"--listen", "--accept"}) {
        app.get_option(name)->group("");  // refused with a sentence
    }
    app.footer(examples);
}

std::optional<std::string> wrong_with_idle(const CommonOptions& common, const IdleOptions& o) {
    if (common.peer.listen) {
        return "-l: every trial needs a new connection, and nobody can make a client open one; run "
               "idle from the side that opens";
    }
    if (o.limits.least > o.limits.most) {
        return "--least is longer than --most";
    }
    if (o.resume && o.checkpoint.empty()) {
        return "--resume needs --checkpoint FILE";
    }
    if (o.refresh == IdleRefresh::payload && !o.send) {
        return "--refresh payload needs --send TEXT: what would the peer's application take?";
    }
    if (o.refresh != IdleRefresh::none && o.state != IdleState::established) {
        return "--refresh is about established connections: in other states nothing may be said";
    }
    if (o.simulated_path && !common.simulate) {
        return "--simulate-path needs --simulate";
    }
    return std::nullopt;
}

}  // namespace tcpcraft::cli
