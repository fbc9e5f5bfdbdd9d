#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>
#include <tests/engine/cells/page.hpp>
#include <tests/engine/cells/transcript.hpp>

namespace tcpcraft::cells {
namespace {

using Row = std::vector<std::string>;

/// Characters, not octets: continuation octets of UTF-8 do not count.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) >> 6) != 2;
    }));
}

std::vector<std::size_t> widths_of(const std::vector<Row>& rows) {
    std::vector<std::size_t> widths(rows.front().size(), 3);
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width(row[i]));
        }
    }
    return widths;
}

std::string line_of(const Row& row, const std::vector<std::size_t>& widths) {
    std::string out;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        out += "| " + row[i] + std::string(widths[i] - width(row[i]) + 1, ' ');
    }
    return out + "|\n";
}

/// The first row is the head. Columns are padded, so that it can be read as it is.
std::string markdown_table(const std::vector<Row>& rows) {
    const auto widths = widths_of(rows);
    std::string out = line_of(rows.front(), widths);
    for (const std::size_t w : widths) {
        out += "|" + std::string(w + 2, '-');
    }
    out += "|\n";
    for (std::size_t r = 1; r < rows.size(); ++r) {
        out += line_of(rows[r], widths);
    }
    return out;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    return fmt::format("{}", fmt::join(parts, between));
}

void add_once(std::vector<std::string>& list, std::string text) {
    if (std::find(list.begin(), list.end(), text) == list.end()) {
        list.push_back(std::move(text));
    }
}

// ---- one table for each state

std::string rules_of(const Happened& happened) {
    std::vector<std::string> rules;
    for (const Rule rule : happened.rules) {
        if (rule != Rule::none) {
            add_once(rules, std::string{name(rule)});
        }
    }
    return joined(rules, ", ");
}

std::string outcome_of(const Happened& happened) {
    std::vector<std::string> parts;
    for (const std::string& action : happened.actions) {
        if (action.substr(0, 2) == "> ") {
            parts.push_back("`" + action + "`");
        } else if (action.substr(0, 7) != "enters ") {
            parts.push_back(action);
        }
    }
    return parts.empty() ? "–" : joined(parts, "; ");
}

std::string states_of(const Happened& happened) {
    std::vector<std::string> states;
    for (const Transition& transition : transitions_of(happened)) {
        states.emplace_back(text(transition.to));
    }
    return states.empty() ? "–" : joined(states, ", ");
}

/// The lines of the cell up to its event that are not about what comes of it.
std::string tried(const Played& played) {
    std::vector<std::string> parts;
    for (const std::string_view line : played.cell->lines) {
        const std::string_view first = line.substr(0, line.find(' '));
        const bool prepares = first == "with" || first == "from" || first == "now";
        const bool happens = first == "<" || (first[0] >= 'A' && first[0] <= 'Z');
        if (prepares) {
            parts.emplace_back(line);
        } else if (happens) {
            parts.push_back("`" + std::string{line} + "`");
        }
    }
    const std::string note{played.cell->note};
    return joined(parts, ", ") + (note.empty() ? "" : " – " + note);
}

Row row_of(const Played& played) {
    const Cell& cell = *played.cell;
    if (is_never(cell)) {
        return {std::string{title(cell.when)}, "does not run: " + std::string{cell.note}, "–", "–",
                ""};
    }
    const Happened& event = played.story.back();
    return {std::string{title(cell.when)}, tried(played), states_of(event), outcome_of(event),
            rules_of(event)};
}

// ---- at a glance

constexpr std::array<std::string_view, state_count> short_names{"CL", "LI", "SS", "SR", "ES", "F1",
                                                                "F2", "CW", "CG", "LA", "TW"};

/// A few letters for `> FP. 1:6(5) ack 1`.
std::string letters_of(std::string_view sent) {
    const std::string_view flags = sent.substr(2, sent.find(' ', 2) - 2);
    const bool text = sent.find("(0)") == std::string_view::npos;
    const auto has = [flags](char flag) { return flags.find(flag) != std::string_view::npos; };
    if (has('R')) {
        return "R";
    }
    if (has('S')) {
        return has('.') ? "SA" : "S";
    }
    return std::string{text ? "D" : ""} + (has('F') ? "F" : "") + (text || has('F') ? "" : "A");
}

std::string glance(const Played& played) {
    if (is_never(*played.cell)) {
        return "x";
    }
    const Happened& event = played.story.back();
    std::string out;
    for (const std::string& action : event.actions) {
        if (action.substr(0, 2) == "> ") {
            out += letters_of(action);
        } else if (action.substr(0, 8) == "delivers") {
            out += "+";
        } else if (action.substr(0, 5) == "tells" && event.to == event.from) {
            out += "!";
        }
    }
    for (const Transition& transition : transitions_of(event)) {
        out += "→" + std::string{short_names[static_cast<std::size_t>(transition.to)]};
    }
    return out.empty() ? "·" : out;
}

std::string diagram_name(State state) {
    std::string name{text(state)};
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

/// Rules by the transition they made, abrupt ends left out.
std::map<std::pair<State, State>, std::vector<std::string>> edges() {
    std::map<std::pair<State, State>, std::vector<std::string>> found;
    for (const Transition& t : all_transitions()) {
        if (!is_abrupt(t.rule)) {
            add_once(found[{t.from, t.to}], std::string{name(t.rule)});
        }
    }
    return found;
}

/// Nothing when the place lacks a cell.
const Played* plainest(Place place, Happening when) {
    const auto& all = all_played();
    const auto first = std::find_if(all.begin(), all.end(), [&](const Played& played) {
        return played.place == place && played.cell->when == when;
    });
    return first != all.end() ? &*first : nullptr;
}

std::string table_of(Place place) {
    std::vector<Row> rows{{"event", "what happens", "enters", "what comes of it", "rule"}};
    for (const Played& played : all_played()) {
        if (played.place == place) {
            rows.push_back(row_of(played));
        }
    }
    return markdown_table(rows);
}

struct Part {
    std::string_view name{};
    std::string (*draw)(){};
};
constexpr std::array<Part, 4> parts{{{"state diagram", state_diagram},
                                     {"abrupt ends", abrupt_ends},
                                     {"overview", overview},
                                     {"tables", tables}}};

}  // namespace

std::string state_diagram() {
    std::string out = "```mermaid\nstateDiagram-v2\n";
    for (std::size_t i = 0; i < state_count; ++i) {
        const auto state = static_cast<State>(i);
        out += fmt::format("    state \"{}\" as {}\n", text(state), diagram_name(state));
    }
    out += "    [*] --> CLOSED\n";
    for (const auto& [edge, rules] : edges()) {
        out += fmt::format("    {} --> {}: {}\n", diagram_name(edge.first),
                           diagram_name(edge.second), joined(rules, ", "));
    }
    return out + "```\n";
}

std::string abrupt_ends() {
    std::map<Rule, std::set<State>> ends;
    for (const Transition& t : all_transitions()) {
        if (is_abrupt(t.rule)) {
            ends[t.rule].insert(t.from);
        }
    }
    std::vector<Row> rows{{"rule", "says", "leads to CLOSED from"}};
    for (const auto& [rule, states] : ends) {
        std::vector<std::string> names;
        std::transform(states.begin(), states.end(), std::back_inserter(names),
                       [](State state) { return std::string{text(state)}; });
        rows.push_back({fmt::format("`{}`", name(rule)),
                        fmt::format("{} ({})", sentence(rule), citation(rule)),
                        joined(names, ", ")});
    }
    return markdown_table(rows);
}

std::string overview() {
    std::vector<Row> rows{
        {"event", "CL", "LI", "SS", "SR p", "SR a", "ES", "F1", "F2", "CW", "CG", "LA", "TW"}};
    for (std::size_t i = 0; i < happening_count; ++i) {
        const auto when = static_cast<Happening>(i);
        Row row{std::string{title(when)}};
        for (std::size_t p = 0; p < place_count; ++p) {
            const Played* played = plainest(static_cast<Place>(p), when);
            row.push_back(played != nullptr ? glance(*played) : "?");
        }
        rows.push_back(std::move(row));
    }
    return markdown_table(rows);
}

std::string tables() {
    std::string out;
    for (std::size_t p = 0; p < place_count; ++p) {
        const auto place = static_cast<Place>(p);
        out += fmt::format("{}### {}\n\n{}", p == 0 ? "" : "\n", title(place), table_of(place));
    }
    return out;
}

std::optional<std::string> drawn_anew(std::string_view page) {
    static constexpr std::string_view end = "<!-- end -->";
    std::string out{page};
    for (const Part& part : parts) {
        const std::string mark = fmt::format("<!-- generated: {} -->\n", part.name);
        const std::size_t from = out.find(mark);
        const std::size_t to = from != std::string::npos ? out.find(end, from) : from;
        if (to == std::string::npos) {
            return std::nullopt;
        }
        const std::size_t first = from + mark.size();
        out.replace(first, to - first, "\n" + part.draw() + "\n");
    }
    return out;
}

}  // namespace tcpcraft::cells
