#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/keepalive_idle_checkpoint.hpp>
#include <unistd.h>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;
using Kind = IdleTrialResult::Kind;

constexpr const char* what_it_is = "tcp-keepalive idle, checkpoint 1";

// FNV-1a: against damage, not against malice.
std::string sum_of(const std::string& text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char octet : text) {
        hash = (hash ^ static_cast<unsigned char>(octet)) * 0x100000001b3U;
    }
    return fmt::format("{:016x}", hash);
}

Json as_json(const IdleTried& tried) {
    const IdleTrialResult& found = tried.result;
    return Json{{"planned", tried.planned.count()},
                {"idle", found.idle.count()},
                {"kind", static_cast<int>(found.kind)},
                {"asked", found.asked},
                {"questions", found.questions},
                {"sender", static_cast<int>(found.sender)},
                {"text", found.text}};
}

/// The enumerator of this number, which a later version may have more of.
template <typename Enum>
Enum enumerator(const Json& json, Enum last) {
    const int number = json.get<int>();
    if (number < 0 || number > static_cast<int>(last)) {
        throw Json::other_error::create(0, "a number without a meaning", &json);
    }
    return static_cast<Enum>(number);
}

IdleTried from_json(const Json& json) {
    IdleTried made;
    made.planned = Duration{json.at("planned").get<Duration::rep>()};
    made.result.idle = Duration{json.at("idle").get<Duration::rep>()};
    made.result.kind = enumerator(json.at("kind"), Kind::cut_short);
    made.result.asked = json.at("asked").get<bool>();
    made.result.questions = json.at("questions").get<unsigned>();
    made.result.sender = enumerator(json.at("sender"), ResetSender::path);
    made.result.text = json.at("text").get<std::string>();
    return made;
}

Unexpected<Error> system_failure(const std::string& attempt) {
    return Unexpected<Error>{Error{std::error_code{errno, std::generic_category()}, attempt}};
}

/// All of it on the disk, in a file of our own making, or an error. What a killed run has left
/// under that name goes first; a link that somebody has put there is not followed.
Expected<void> write_through(const std::string& name, const std::string& text) {
    ::unlink(name.c_str());
    const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0) {
        return system_failure("cannot write '" + name + "'");
    }
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t more = ::write(file, text.data() + done, text.size() - done);
        if (more < 0 && errno != EINTR) {
            break;
        }
        done += more > 0 ? static_cast<std::size_t>(more) : 0;
    }
    const bool whole = done == text.size() && ::fsync(file) == 0;
    const int why = errno;
    ::close(file);
    errno = why;
    return whole ? Expected<void>{} : system_failure("cannot write '" + name + "'");
}

}  // namespace

IdleCheckpoint::IdleCheckpoint(std::string target, const IdleOptions& options)
    : target_{std::move(target)}, options_{options} {}

std::string IdleCheckpoint::key() const {
    std::string sent = "nothing";
    if (options_.send) {
        std::string octets;
        for (const std::byte octet : *options_.send) {
            octets += static_cast<char>(octet);
        }
        sent = sum_of(octets);
    }
    const IdleLimits& limits = options_.limits;
    return fmt::format("target {}, state {}, {} to {} us in steps of {} us, sent {}", target_,
                       text(options_.state), limits.least.count(), limits.most.count(),
                       limits.resolution.count(), sent);
}

bool IdleCheckpoint::exists() const {
    std::error_code ignored;
    return !options_.checkpoint.empty() && std::filesystem::exists(options_.checkpoint, ignored);
}

Expected<std::vector<IdleTried>> IdleCheckpoint::read() const {
    std::vector<IdleTried> tried;
    if (!exists()) {
        return tried;
    }
    const std::string& name = options_.checkpoint;
    std::ifstream file{name, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    try {
        const Json whole = Json::parse(text);
        const Json& listed = whole.at("tried");
        const auto searched = whole.at("key").get<std::string>();
        const bool sound = whole.at("what") == what_it_is &&
                           whole.at("sum") == sum_of(dumped(whole.at("key")) + dumped(listed));
        if (sound && searched != key()) {
            return failure({}, fmt::format("'{}' is of another search ({}), not of this one ({})",
                                           name, searched, key()));
        }
        for (const Json& one : sound ? listed : Json{}) {
            tried.push_back(from_json(one));
        }
        if (sound) {
            return tried;
        }
    } catch (const Json::exception&) {
    }
    return failure({}, fmt::format("'{}' is no checkpoint of tcp-keepalive idle, or damaged; "
                                   "remove it to begin anew",
                                   name));
}

Expected<void> IdleCheckpoint::write(const std::vector<IdleTried>& tried) const {
    const std::string& name = options_.checkpoint;
    if (name.empty()) {
        return {};
    }
    Json whole{{"what", what_it_is}, {"key", key()}, {"tried", Json::array()}};
    for (const IdleTried& one : tried) {
        whole["tried"].push_back(as_json(one));
    }
    whole["sum"] = sum_of(dumped(whole["key"]) + dumped(whole["tried"]));
    const std::string next = name + ".new";
    if (auto written = write_through(next, dumped(whole) + "\n"); !written) {
        return written;
    }
    if (std::rename(next.c_str(), name.c_str()) != 0) {
        return system_failure("cannot replace '" + name + "'");
    }
    return {};
}

}  // namespace tcpcraft::cli
