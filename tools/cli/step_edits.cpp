#include <array>
#include <charconv>
#include <string>

#include <fmt/format.h>
#include <tools/cli/read_number.hpp>
#include <tools/cli/step_command.hpp>

// The half of the command language that stands behind `e`.

namespace tcpcraft::cli {

namespace {

using Refusal = Unexpected<NotationError>;

struct FieldName {
    std::string_view name{};
    StepField field{};
};

constexpr std::array<FieldName, 16> fields{{{"seq", StepField::seq},
                                            {"ack", StepField::ack},
                                            {"isn", StepField::isn},
                                            {"iss", StepField::isn},
                                            {"flags", StepField::flags},
                                            {"win", StepField::window},
                                            {"wnd", StepField::window},
                                            {"window", StepField::window},
                                            {"urg", StepField::urgent},
                                            {"up", StepField::urgent},
                                            {"options", StepField::options},
                                            {"opt", StepField::options},
                                            {"data", StepField::data},
                                            {"ttl", StepField::ttl},
                                            {"checksum", StepField::checksum},
                                            {"sum", StepField::checksum}}};

constexpr std::string_view bad_sum = "badsum";

enum class Operator : std::uint8_t { set, lay_over, plus, minus };

/// The beginning of an edit.
struct Head {
    StepField field{};
    Operator how{};
    bool wrong_sum{false};
    std::size_t size{0};  // of name and operator
};

bool blank(char c) { return c == ' ' || c == '\t'; }

std::optional<Operator> operator_at(std::string_view rest, std::size_t& size) {
    size = 1;
    if (rest.starts_with("!=")) {
        size = 2;
        return Operator::lay_over;
    }
    switch (rest.empty() ? '\0' : rest[0]) {
        case '=':
            return Operator::set;
        case '+':
            return Operator::plus;
        case '-':
            return Operator::minus;
        default:
            return std::nullopt;
    }
}

std::optional<Head> head_at(std::string_view rest) {
    if (rest.starts_with(bad_sum) && (rest.size() == bad_sum.size() || blank(rest[6]))) {
        return Head{StepField::checksum, Operator::set, true, bad_sum.size()};
    }
    for (const FieldName& known : fields) {
        std::size_t size{0};
        if (!rest.starts_with(known.name)) {
            continue;
        }
        if (const auto how = operator_at(rest.substr(known.name.size()), size)) {
            return Head{known.field, *how, false, known.name.size() + size};
        }
    }
    return std::nullopt;
}

/// Reads from left to right, an edit at a time.
class EditReader {
public:
    EditReader(std::string_view line, std::size_t at) : line_{line}, at_{at} { skip_blanks(); }

    Expected<std::vector<StepEdit>, NotationError> read() {
        std::vector<StepEdit> edits;
        if (at_ >= line_.size()) {
            return refuse(at_, "what is to change? as in: e seq+1 flags=S");
        }
        while (at_ < line_.size()) {
            auto edit = next();
            if (!edit) {
                return Refusal{edit.error()};
            }
            edits.push_back(*std::move(edit));
            skip_blanks();
        }
        return edits;
    }

private:
    using Edit = Expected<StepEdit, NotationError>;

    static Refusal refuse(std::size_t offset, std::string sentence) {
        return Refusal{NotationError{offset, std::move(sentence)}};
    }
    void skip_blanks() {
        while (at_ < line_.size() && blank(line_[at_])) {
            ++at_;
        }
    }
    [[nodiscard]] std::string_view word() const {
        const std::size_t end = line_.find_first_of(" \t", at_);
        return line_.substr(at_, end == std::string_view::npos ? end : end - at_);
    }

    Edit next() {
        const std::size_t begin = at_;
        const auto head = head_at(line_.substr(at_));
        if (!head) {
            return refuse(at_, fmt::format("'{}' is no edit; as in: seq+1, flags=S, win=0, "
                                           "options=mss 1460, data=text, badsum",
                                           word()));
        }
        at_ += head->size;
        Edit edit = head->wrong_sum
                        ? Edit{StepEdit{StepField::checksum, false, WrongChecksum{}, {}}}
                        : value(*head);
        if (edit) {
            edit->laid_over = head->how == Operator::lay_over;
            edit->typed = std::string{line_.substr(begin, at_ - begin)};
        }
        return edit;
    }

    Edit value(const Head& head) {
        const bool arithmetic = head.how == Operator::plus || head.how == Operator::minus;
        switch (head.field) {
            case StepField::flags:
                return flags(head.how);
            case StepField::options:
                return arithmetic ? Edit{no_arithmetic()} : options();
            case StepField::data:
                return arithmetic ? Edit{no_arithmetic()} : data();
            case StepField::seq:
            case StepField::ack:
            case StepField::isn:
                return number(head, 0xffffffffU);
            case StepField::ttl:
                return number(head, 0xffU);
            default:
                return number(head, 0xffffU);
        }
    }

    [[nodiscard]] Refusal no_arithmetic() const {
        return refuse(at_ - 1, "nothing can be added to this field; set it with =");
    }

    Edit number(const Head& head, std::uint32_t most) {
        const bool sequence = most == 0xffffffffU;
        StepNumber made;
        if (sequence && head.how == Operator::set && line_.substr(at_).starts_with('!')) {
            made.kind = StepNumber::Kind::absolute;
            ++at_;
        }
        const auto read = read_number(word());
        if (!read || *read > most) {
            return refuse(at_, fmt::format("'{}' is no number from 0 to {}", word(), most));
        }
        made.value = static_cast<std::uint32_t>(*read);
        if (head.how == Operator::plus || head.how == Operator::minus) {
            made.kind = StepNumber::Kind::by;
            made.value = head.how == Operator::plus ? made.value : 0U - made.value;
        }
        at_ += word().size();
        return StepEdit{head.field, false, made, {}};
    }

    Edit flags(Operator how) {
        const auto read = read_flags(word());
        if (!read) {
            return refuse(at_,
                          fmt::format("'{}' are no flags; letters of FSRP.UEWA, or -", word()));
        }
        at_ += word().size();
        const auto kind = how == Operator::plus    ? StepFlags::Kind::with
                          : how == Operator::minus ? StepFlags::Kind::without
                                                   : StepFlags::Kind::all;
        return StepEdit{StepField::flags, false, StepFlags{kind, *read}, {}};
    }

    /// Up to the next edit: an option list has blanks of its own.
    Edit options() {
        std::size_t end = at_;
        while (end < line_.size() &&
               !(blank(line_[end]) && head_at(line_.substr(end + 1)).has_value())) {
            ++end;
        }
        std::string_view text = line_.substr(at_, end - at_);
        while (!text.empty() && blank(text.back())) {
            text.remove_suffix(1);
        }
        const std::size_t begin = std::exchange(at_, at_ + text.size());
        const bool hex = !text.empty() && text.find_first_not_of("0123456789abcdefABCDEFx") ==
                                              std::string_view::npos;
        if (hex) {
            return option_octets(text, begin);
        }
        const auto read = read_options(text);
        if (!read) {
            return refuse(begin + read.error().offset, read.error().sentence);
        }
        return StepEdit{StepField::options, false, *read, {}};
    }

    static Edit option_octets(std::string_view text, std::size_t begin) {
        const std::string_view digits = text.starts_with("0x") ? text.substr(2) : text;
        std::vector<std::byte> octets;
        for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
            const auto octet = hex_octet(digits.substr(i, 2));
            if (!octet) {
                return refuse(begin, fmt::format("'{}' are no octets in hexadecimal", text));
            }
            octets.push_back(*octet);
        }
        const auto made = Options::from_octets(octets);
        if (digits.size() % 2 != 0 || !made) {
            return refuse(begin, digits.size() % 2 != 0
                                     ? "an octet has two hexadecimal digits"
                                     : "no more than 40 octets of options fit in a header");
        }
        return StepEdit{StepField::options, false, *made, {}};
    }

    static std::optional<std::byte> hex_octet(std::string_view digits) {
        unsigned value{0};
        const char* end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, value, 16);
        const bool whole = digits.size() == 2 && read.ec == std::errc{} && read.ptr == end;
        return whole ? std::optional{static_cast<std::byte>(value)} : std::nullopt;
    }

    Edit data() {
        if (line_.substr(at_).starts_with('@')) {
            return file();
        }
        const bool quoted = line_.substr(at_).starts_with('"');
        const std::size_t begin = at_;
        at_ += quoted ? 1U : 0U;
        std::vector<std::byte> octets;
        while (at_ < line_.size() && !(quoted && line_[at_] == '"')) {
            const std::size_t where = at_;
            const auto octet = line_[at_] == '\\' ? escaped() : plain();
            if (!octet) {
                return refuse(where, "after \\ may stand n, r, t, \\, \" or x and two digits");
            }
            octets.push_back(*octet);
        }
        if (quoted && at_++ >= line_.size()) {
            at_ = line_.size();
            return refuse(begin, "the quotation mark that ends this is missing");
        }
        return StepEdit{StepField::data, false, std::move(octets), {}};
    }

    Edit file() {
        const std::string_view name = word().substr(1);
        if (name.empty()) {
            return refuse(at_, "data=@ wants the name of a file");
        }
        at_ += word().size();
        return StepEdit{StepField::data, false, StepFile{std::string{name}}, {}};
    }

    std::optional<std::byte> plain() {
        return static_cast<std::byte>(static_cast<unsigned char>(line_[at_++]));
    }

    std::optional<std::byte> escaped() {
        static constexpr std::string_view letters = "nrt\\\"";
        static constexpr std::string_view meant = "\n\r\t\\\"";
        const std::string_view rest = line_.substr(at_ + 1);
        if (rest.empty()) {
            return std::nullopt;
        }
        if (const std::size_t known = letters.find(rest[0]); known != std::string_view::npos) {
            at_ += 2;
            return static_cast<std::byte>(meant[known]);
        }
        const auto octet = rest[0] == 'x' ? hex_octet(rest.substr(1, 2)) : std::nullopt;
        at_ += octet ? 4U : 0U;
        return octet;
    }

    std::string_view line_;
    std::size_t at_;
};

}  // namespace

bool begins_step_edit(std::string_view text) { return head_at(text).has_value(); }

Expected<std::vector<StepEdit>, NotationError> read_step_edits(std::string_view line,
                                                               std::size_t offset) {
    return EditReader{line, offset}.read();
}

}  // namespace tcpcraft::cli
