#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tools/cli/json_values.hpp>
#include <tools/keepalive_matrix.hpp>

#include <libtcpcraft/engine/state.hpp>

namespace tcpcraft::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array titles{"ESTABLISHED", "half-closed", "TIME-WAIT", "after RST"};

std::string_view mark(const MatrixCell& cell) {
    switch (cell.verdict.verdict) {
        case Verdict::conforms:
            return "ok";
        case Verdict::permitted_deviation:
            return "(ok)";
        case Verdict::violates:
            return "!!";
        case Verdict::no_answer:
        case Verdict::inconclusive:
            break;
    }
    return "?";
}

std::string_view word(const MatrixCell& cell) {
    return cell.applicable ? text(cell.verdict.verdict) : "not-applicable";
}

std::string field(const MatrixCell& cell) {
    if (!cell.applicable) {
        return "n/a";
    }
    if (!cell.answer) {
        return "?";
    }
    const std::string_view what = *cell.answer == MatrixAnswer::silence ? "-" : text(*cell.answer);
    return fmt::format("{:<3} {}", what, mark(cell));
}

const MatrixCell* find(const MatrixCells& cells, MatrixSituation situation, MatrixForm form) {
    const auto found = std::ranges::find_if(cells, [=](const MatrixCell& cell) {
        return cell.situation == situation && cell.form == form;
    });
    return found == cells.end() ? nullptr : &*found;
}

std::string joined(const std::vector<std::string_view>& words) {
    std::string told;
    for (const std::string_view one : words) {
        told += fmt::format("{}{}", told.empty() ? "" : ", ", one);
    }
    return told;
}

/// Fields of one situation of which the same has to be said.
struct Remark {
    MatrixCell cell{};  ///< the first of them
    std::vector<std::string_view> forms{};
};

std::vector<Remark> remarks_on(const MatrixCells& cells) {
    std::vector<Remark> made;
    for (const MatrixCell& cell : cells) {
        const bool plain = cell.applicable && cell.verdict.verdict == Verdict::conforms;
        if (plain) {
            continue;
        }
        const auto same = std::ranges::find_if(made, [&cell](const Remark& remark) {
            return remark.cell.situation == cell.situation &&
                   remark.cell.verdict.text == cell.verdict.text;
        });
        if (same != made.end()) {
            same->forms.push_back(spelled(cell.form));
        } else {
            made.push_back({cell, {spelled(cell.form)}});
        }
    }
    return made;
}

void tell_remarks(Report& report, const MatrixCells& cells) {
    for (const Remark& remark : remarks_on(cells)) {
        const MatrixCell& cell = remark.cell;
        const bool all = remark.forms.size() == all_matrix_forms.size();
        std::string said =
            fmt::format("{}{}", all ? "" : joined(remark.forms) + ": ", cell.verdict.text);
        if (!cell.verdict.rule.empty()) {
            said += fmt::format(" [{}]", cell.verdict.rule);
        }
        report.say_row(fmt::format("{:<12} {:<20} ",
                                   titles[static_cast<std::size_t>(cell.situation)], word(cell)),
                       said);
    }
}

/// Where the peer stood when it had our FIN; empty: where the title says.
std::string half_closed_where(const MatrixCells& cells) {
    const bool closed_too = std::ranges::any_of(cells, [](const MatrixCell& cell) {
        return cell.situation == MatrixSituation::half_closed && cell.asked &&
               cell.peer_state == State::last_ack;
    });
    return closed_too ? "half-closed: its application closed as soon as we did; its FIN is left "
                        "unacknowledged, so that it stays (LAST-ACK)"
                      : "";
}

// In ESTABLISHED, for there an answer means what it does for an ordinary probe.
std::optional<bool> alive(const MatrixCells& cells) {
    std::optional<bool> found;
    for (const MatrixCell& cell : cells) {
        if (cell.situation != MatrixSituation::established || !cell.answer ||
            cell.form == MatrixForm::plain) {
            continue;
        }
        if (*cell.answer == MatrixAnswer::ack && cell.verdict.verdict != Verdict::violates) {
            return true;
        }
        if (*cell.answer == MatrixAnswer::reset) {
            found = false;
        }
    }
    return found;
}

Json ending_of(const MatrixCells& cells, const std::optional<bool>& lives) {
    const bool asked = std::ranges::any_of(cells, [](const MatrixCell& cell) {
        return cell.situation == MatrixSituation::established && cell.asked;
    });
    if (!asked) {
        return nullptr;
    }
    return lives ? (*lives ? "answered" : "reset") : "silent";
}

Json as_json(const MatrixCell& cell) {
    return Json{
        {"situation", std::string{text(cell.situation)}},
        {"form", std::string{text(cell.form)}},
        {"peer_state", cell.asked ? Json(std::string{text(cell.peer_state)}) : Json(nullptr)},
        {"answer", cell.answer ? Json(std::string{text(*cell.answer)}) : Json(nullptr)},
        {"delay", cell.delay ? Json(seconds(*cell.delay)) : Json(nullptr)},
        {"verdict", std::string{word(cell)}},
        {"rule", cell.verdict.rule},
        {"text", cell.verdict.text},
        {"segments", cell.verdict.segments}};
}

}  // namespace

std::string_view matrix_warning() noexcept {
    return "An answered probe says that a TCP knows the connection, and nothing of its "
           "application: half-closed and TIME-WAIT answer the same, and so may a box on the path.";
}

void tell_matrix(Report& report, const MatrixCells& cells) {
    std::string line = fmt::format("{:<26}", "probe");
    for (const char* title : titles) {
        line += fmt::format("{:<13}", title);
    }
    report.say(line);
    for (const MatrixForm form : all_matrix_forms) {
        line = fmt::format("{:<26}", spelled(form));
        for (const MatrixSituation situation : all_matrix_situations) {
            const MatrixCell* cell = find(cells, situation, form);
            line += fmt::format("{:<13}", cell == nullptr ? "?" : field(*cell));
        }
        report.say(line.substr(0, line.find_last_not_of(" ") + 1));
    }
    report.say("0 and 1 octet: at SND.NXT-1. ACK, RST, - (silence, asked twice); ok: as the RFCs");
    report.say("have it; (ok): a permitted deviation; !!: violates; ?: nothing can be said");
    tell_remarks(report, cells);
    if (const std::string where = half_closed_where(cells); !where.empty()) {
        report.say_row("", where);
    }
    report.say_row("", matrix_warning());
}

std::string summary_of(const MatrixCells& cells) {
    static constexpr std::array words{"conforms",  "permitted-deviation", "violates",
                                      "no-answer", "inconclusive",        "not-applicable"};
    std::string told;
    for (const std::string_view one : words) {
        const auto count = std::ranges::count_if(
            cells, [one](const MatrixCell& cell) { return word(cell) == one; });
        if (count != 0) {
            told += fmt::format("{}{} {}", told.empty() ? "" : ", ", count, one);
        }
    }
    return told;
}

std::string matrix_json(int exit_status, const std::string& summary, const MatrixCells& cells,
                        std::size_t sent) {
    const auto lives = alive(cells);
    Json made{{"exit_status", exit_status},
              {"summary", summary},
              {"answered", lives == true},
              {"sent", sent},
              {"alive", lives ? Json(*lives) : Json(nullptr)},
              {"ending", ending_of(cells, lives)},
              {"warning", std::string{matrix_warning()}},
              {"cells", Json::array()}};
    for (const MatrixCell& cell : cells) {
        made["cells"].push_back(as_json(cell));
    }
    return dumped(made);
}

}  // namespace tcpcraft::cli
