#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include <libtcpcraft/script/script_cursor.hpp>

namespace tcpcraft::script {

namespace {

/// What packetdrill takes and what means nothing here: said in a note.
constexpr std::array<std::string_view, 11> without_effect{
    "verbose",      "debug",     "dry_run",      "speed",       "netmask_ip",       "gateway_ip",
    "init_scripts", "non_fatal", "code_command", "code_format", "tcp_ts_ecr_scaled"};

/// One --name=value after the other.
class OptionsReader {
public:
    OptionsReader(ScriptCursor& cursor, ScriptOptions& made) noexcept
        : cursor_{cursor}, made_{made} {}

    void read() {
        while (cursor_.next_is("--") && !cursor_.failed()) {
            start_ = cursor_.position();
            cursor_.take("--");
            name_ = cursor_.word();
            read_value();
            take();
        }
    }

private:
    using Taker = void (OptionsReader::*)();
    struct Known {
        std::string_view name{};
        Taker take{};
        bool needs_value{true};
    };

    void read_value() {
        value_.clear();
        has_value_ = cursor_.take("=");
        if (!has_value_) {
            return;
        }
        if (!cursor_.follows_directly()) {
            cursor_.fail_wanting(fmt::format("a value behind --{}=", name_));
        }
        value_at_ = cursor_.position();
        if (cursor_.peek() == '"') {
            value_ = cursor_.quoted();
        } else {
            value_ = cursor_.token("`\"");
            add_quoted_value();
        }
        if (value_.empty()) {
            cursor_.fail_wanting(fmt::format("a value behind --{}=", name_));
        }
    }
    /// `--define NAME="text"`: the quotes stay, so that it is read as a string.
    void add_quoted_value() {
        if (value_.ends_with("=") && cursor_.peek() == '"') {
            value_ += quoted_text(cursor_.quoted());
        } else if (value_.ends_with("=") && cursor_.peek() == '`') {
            value_ += '`' + cursor_.enclosed("`", "`") + '`';
        }
    }

    void take() {
        static constexpr std::array<Known, 11> known{
            {{"ip_version", &OptionsReader::ip_version},
             {"tolerance_usecs", &OptionsReader::tolerance_usecs},
             {"tolerance_percent", &OptionsReader::tolerance_percent},
             {"tcp_ts_tick_usecs", &OptionsReader::timestamp_tick},
             {"define", &OptionsReader::define, false},
             {"local_ip", &OptionsReader::local_ip},
             {"remote_ip", &OptionsReader::remote_ip},
             {"bind_port", &OptionsReader::bind_port},
             {"connect_port", &OptionsReader::connect_port},
             {"mtu", &OptionsReader::mtu},
             {"strict_segments", &OptionsReader::strict_segments, false}}};
        const auto found = std::ranges::find(known, name_, &Known::name);
        if (found != known.end()) {
            if (found->needs_value && !has_value_) {
                cursor_.fail_wanting(fmt::format("= and a value behind --{}", name_));
            }
            (this->*found->take)();
        } else if (std::ranges::find(without_effect, name_) != without_effect.end()) {
            made_.without_effect.push_back(name_);
        } else {
            cursor_.fail(start_, fmt::format("there is no option --{} here", name_));
        }
    }

    void refuse(std::string_view wanted) {
        cursor_.fail(value_at_, fmt::format("--{} wants {}", name_, wanted));
    }
    std::uint32_t number(std::uint32_t least, std::uint32_t most) {
        std::uint32_t made = 0;
        const char* end = value_.data() + value_.size();
        const auto [last, code] = std::from_chars(value_.data(), end, made);
        if (code != std::errc{} || last != end || made < least || made > most) {
            refuse(fmt::format("a number from {} to {}", least, most));
            return least;
        }
        return made;
    }
    void address(std::optional<Address>& into) {
        const auto read = Address::read(value_);
        if (!read) {
            refuse("an address");
            return;
        }
        into = *read;
    }

    void ip_version() {
        using Version = ScriptOptions::Version;
        if (value_ == "ipv4") {
            made_.ip_version = Version::ipv4;
        } else if (value_ == "ipv6") {
            made_.ip_version = Version::ipv6;
        } else if (value_ == "ipv4-mapped-ipv6" || value_ == "ipv4_mapped_ipv6") {
            made_.ip_version = Version::ipv4_mapped;
        } else {
            refuse("ipv4, ipv6 or ipv4-mapped-ipv6");
        }
    }
    void tolerance_usecs() { made_.tolerance = Duration{number(0, 3'600'000'000U)}; }
    void tolerance_percent() { made_.tolerance_percent = static_cast<double>(number(0, 10'000)); }
    void timestamp_tick() {
        const std::uint32_t tick = number(0, 60'000'000);
        made_.timestamp_tick = tick == 0 ? std::nullopt : std::optional{Duration{tick}};
    }
    void local_ip() { address(made_.local); }
    void remote_ip() { address(made_.remote); }
    void bind_port() { made_.bind_port = Port{static_cast<std::uint16_t>(number(1, 65535))}; }
    void connect_port() { made_.connect_port = Port{static_cast<std::uint16_t>(number(1, 65535))}; }
    void mtu() { made_.mtu = number(68, 65535); }
    void strict_segments() { made_.strict_segments = true; }
    /// `--define=NAME=VALUE` or `--define NAME=VALUE`
    void define() {
        if (!has_value_) {
            value_at_ = cursor_.position();
            value_ = cursor_.token("`\"");
            add_quoted_value();
        }
        const std::size_t equals = value_.find('=');
        const bool named = equals != std::string::npos && equals > 0 && equals + 1 < value_.size();
        if (!named) {
            refuse("NAME=VALUE");
            return;
        }
        made_.defines.insert({value_.substr(0, equals), value_.substr(equals + 1)});
        cursor_.define(value_.substr(0, equals), value_.substr(equals + 1));
    }

    ScriptCursor& cursor_;
    ScriptOptions& made_;
    std::size_t start_{0};
    std::size_t value_at_{0};
    std::string name_{};
    std::string value_{};
    bool has_value_{false};
};

}  // namespace

void read_options(ScriptCursor& cursor, ScriptOptions& options) {
    OptionsReader{cursor, options}.read();
}

}  // namespace tcpcraft::script
