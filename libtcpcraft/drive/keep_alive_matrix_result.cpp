#include <algorithm>

#include <fmt/format.h>

#include <libtcpcraft/drive/answer_marks.hpp>
#include <libtcpcraft/drive/judging.hpp>
#include <libtcpcraft/drive/keep_alive_matrix.hpp>

namespace tcpcraft {

namespace {

using Sightings = std::vector<Sighting>;

bool ends_a_cell(const std::string& id) { return id.find('/') != std::string::npos; }

const Sighting* find(const Sightings& all, std::size_t number) {
    const auto found = std::ranges::find(all, number, &Sighting::number);
    return found == all.end() ? nullptr : &*found;
}

bool agreed_on_timestamps(const Session& session) {
    const auto& ours = session.connection().measured().our_syn;
    const auto& theirs = session.connection().measured().peer_syn;
    return ours && theirs && ours->options.find<Timestamps>() && theirs->options.find<Timestamps>();
}

/// Something of the peer's came after this, and it was no RST.
bool heard_after(const Sightings& all, std::size_t number) {
    return std::ranges::any_of(all, [number](const Sighting& seen) {
        return seen.direction == Direction::in && !seen.stray && seen.number > number &&
               !seen.flags.has(Flag::rst);
    });
}

MatrixAnswer answer_of(const Finding& finding) {
    if (finding.flags.none()) {
        return MatrixAnswer::silence;
    }
    return finding.flags.has(Flag::rst) ? MatrixAnswer::reset : MatrixAnswer::ack;
}

// Silence says something of a form only where another segment is answered afterwards.
void doubt_silence(const Sightings& all, const MatrixRequest& request, MatrixCell& cell) {
    const bool expects_state = request.situation != MatrixSituation::gone;
    if (cell.answer != MatrixAnswer::silence || !expects_state ||
        heard_after(all, cell.verdict.segments.front())) {
        return;
    }
    set(cell, cell.verdict.id, Verdict::inconclusive, "RFC 9293 §3.8.4",
        "no answer, and none to what was asked after it: gone, or cut off");
}

/// The first of our probes: what came before it is the peer's.
std::size_t first_question(const Session& session) {
    for (const Finding& finding : session.findings()) {
        if (ends_a_cell(finding.judged.id)) {
            return finding.judged.segments.front();
        }
    }
    return 0;
}

// Closing states are answered by other parts of a TCP: the hop limit may be another there.
void doubt_answerer(const Session& session, const MatrixRequest& request, MatrixCell& cell) {
    const Sightings& all = session.connection().sightings();
    const bool open = request.situation == MatrixSituation::established ||
                      request.situation == MatrixSituation::half_closed;
    const Sighting* answer = find(all, cell.verdict.segments.back());
    if (!open || cell.answer != MatrixAnswer::ack || answer == nullptr) {
        return;
    }
    const std::string marks = foreign_marks(*answer, all, first_question(session));
    if (!marks.empty()) {
        set(cell, cell.verdict.id, Verdict::inconclusive, "RFC 9293 §3.8.4",
            "answered, but not by the peer, as it seems: " + marks);
    }
}

MatrixCell cell_of(const Session& session, const Finding& finding, const MatrixRequest& request,
                   MatrixForm form) {
    const Sightings& all = session.connection().sightings();
    MatrixCell cell{.situation = request.situation, .form = form, .asked = true};
    cell.verdict = finding.judged;
    cell.exit_status = exit_status_of(finding.judged.verdict);
    cell.answer = answer_of(finding);
    cell.delay = finding.delay;
    if (const Sighting* asked = find(all, finding.judged.segments.front())) {
        cell.peer_state = asked->peer_state;
    }
    doubt_silence(all, request, cell);
    doubt_answerer(session, request, cell);
    return cell;
}

/// Why the forms that were not tried were not.
std::string reason(const Session& session) {
    for (const Finding& finding : session.findings()) {
        if (!ends_a_cell(finding.judged.id) && exit_status_of(finding.judged.verdict) != 0) {
            return "not reached: " + finding.judged.text;
        }
    }
    if (!session.findings().empty() && ends_a_cell(session.findings().back().judged.id)) {
        return "not come to: the connection ended before";
    }
    return "not reached";
}

MatrixCell missing(const Session& session, const MatrixRequest& request, MatrixForm form) {
    const Outcome& outcome = *session.outcome();
    if (outcome.ending == Ending::completed) {
        return not_asked(request.situation, form, reason(session));
    }
    MatrixCell cell = not_asked(request.situation, form, "");
    judge_end(outcome, cell.verdict, cell.exit_status);
    cell.verdict.segments = outcome.segments;
    return cell;
}

}  // namespace

MatrixCell not_asked(MatrixSituation situation, MatrixForm form, std::string why) {
    MatrixCell cell{.situation = situation, .form = form};
    set(cell, fmt::format("{}/{}", text(situation), text(form)), Verdict::inconclusive, "",
        std::move(why));
    return cell;
}

std::vector<MatrixCell> judge_matrix(const Session& session, const MatrixRequest& request) {
    std::vector<MatrixCell> cells;
    const bool established = session.outcome()->established;
    for (const MatrixForm form : request.forms) {
        const std::string id = fmt::format("{}/{}", text(request.situation), text(form));
        const auto& findings = session.findings();
        const auto found = std::ranges::find_if(
            findings, [&id](const Finding& finding) { return finding.judged.id == id; });
        if (found != findings.end()) {
            cells.push_back(cell_of(session, *found, request, form));
        } else {
            cells.push_back(missing(session, request, form));
        }
        MatrixCell& cell = cells.back();
        if (established && needs_timestamps(form) && !agreed_on_timestamps(session)) {
            cell.applicable = false;
            cell.exit_status = 0;
            cell.verdict.rule = "RFC 7323 §3.2";
            cell.verdict.text = "not applicable: timestamps are not in use on this connection";
            cell.verdict.segments.clear();
            continue;
        }
        doubt(*session.outcome(), cell.verdict, cell.exit_status,
              cell.answer == MatrixAnswer::silence);
    }
    return cells;
}

}  // namespace tcpcraft
