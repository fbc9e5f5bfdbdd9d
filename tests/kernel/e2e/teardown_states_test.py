"""Every scenario of tcp-teardown, both roles and both families, segment by segment: the state that
is inferred for the peer is the one that its kernel has; and the verdicts are those of Linux."""

import select

import gate
import lab

PORT, OURS = 7030, {4: 7034, 6: 7036}
PORTS = iter(range(20000, 30000, 100))  # never twice: TIME-WAIT
REQUEST = "GET / HTTP/1.0\r\n\r\n"

# What Linux answers in each scenario: the verdict, and the catalogue's rows that it rests on, with
# the peer or us as the first closer. All that Linux 6.18 does here is in the allowed set.
CONFORMS, DEVIATES = "conforms", "permitted-deviation"
LINUX = {  # in the order of `list`
    "active-close": (CONFORMS, ["T-01", "T-21", "T-10"]),
    "passive-close": (CONFORMS, ["T-30", "T-40"]),
    "half-close": (CONFORMS, ["T-01", "T-06", "T-22"]),
    "three-segment-close": (CONFORMS, ["T-30", "T-33"]),
    "simultaneous-close": (CONFORMS, ["T-30", "T-34"]),
    "reset": (CONFORMS, ["R-01"]),
    "reset-in-window": (CONFORMS, ["R-02", "R-02", "CP-LIVE"]),
    "reset-outside-window": (CONFORMS, ["R-03", "CP-LIVE"]),
    "syn-in-established": (CONFORMS, ["R-08", "R-09", "CP-LIVE"]),
    "lost-fin": (CONFORMS, ["T-30", "T-31", "T-40"]),
    "lost-final-ack": (CONFORMS, ["T-01", "T-21", "T-11", "T-11", "T-10"]),
    "time-wait": (CONFORMS, ["T-30", "T-40", "T-42", "T-42", "T-42"]),
    "time-wait-reuse": (CONFORMS, ["T-30", "T-40", "T-49"]),
    "no-time-wait": (CONFORMS, ["T-01", "T-21", "T-11", "T-13"]),
    "data-after-close": (CONFORMS, ["T-30", "T-38"]),
    "unread-data": (CONFORMS, ["T-55"]),
}
FIRST_US = {  # those that can be played from both sides, from the other one
    "three-segment-close": (CONFORMS, ["T-21", "T-21"]),
    "lost-fin": (CONFORMS, ["T-01", "T-21"]),
    "data-after-close": (CONFORMS, ["T-01", "T-05", "T-58"]),
}
# Not where the peer's application is so quick that its FIN comes with the ACK of ours.
IF_SLOW = {"T-21", "T-05"}
SOMETIMES = {"half-close": {"T-06", "T-22"}}  # its FIN may come before we ask
CROSSING = {"unread-data"}  # so many segments in flight that few can be compared
PEER_CLOSES = {"passive-close", "simultaneous-close", "time-wait", "time-wait-reuse", "unread-data"}


def setUpModule():
    gate.lay_cable()


# --- the peer's applications ---------------------------------------------------------------------

def answer_and_close(end, connection, slow):
    """Of one request; closes when the other side has, `slow` only when that has its ACK."""
    with end:
        if (yield from gate.reading(end, 1000)):
            end.sendall(b"here you are\n")
            yield from gate.acknowledged(end)
        while slow and connection.fin_end is not None and connection.last_ack != connection.fin_end:
            yield


def close_at_once(end, _connection, _slow):
    end.close()
    yield


def leave_unread(end, _connection, _slow):
    with end:
        yield from gate.reading(end, 1)


def accepting(cable, family, slow):
    with lab.listener_in("server", family, PORT) as listener:
        listener.setblocking(False)
        while True:
            if select.select([listener], [], [], 0)[0]:
                end, remote = listener.accept()
                end.setblocking(False)
                known = cable.connections[remote[:2], end.getsockname()[:2]]
                cable.add(answer_and_close(end, known, slow))
            yield


def connecting(cable, family, behave, slow):
    """A client's part: connects to us from a new port, then behaves."""
    end = lab.socket_in("server", family)
    end.bind((lab.address_of("server", family), 0))
    end.setblocking(False)
    ours = (lab.address_of("client", family), OURS[family])
    try:
        end.connect(ours)
    except BlockingIOError:
        pass
    while not select.select([], [end], [], 0)[1]:
        yield
    known = cable.connections[ours, end.getsockname()[:2]]
    yield from behave(end, known, slow)


# --- the cases -----------------------------------------------------------------------------------

class States(lab.Case):
    """The kernel's own account beside the one that was inferred, at each segment."""

    def play(self):
        """All runs at once through one gate; what each printed, and the connections."""
        with gate.Gate() as cable:
            runs = self.starts(cable)
            cable.run(lambda: not any(run.running() for run in runs.values()))
            return {family: run.end() for family, run in runs.items()}, cable.connections

    def compare(self, done, connections, expected):
        """The tool's segments of every connection with the gate's; the states that were seen."""
        compared = possible = 0
        seen = set()
        for number, name in enumerate(expected, 1):
            told = [s for s in done.segments() if s["connection"] == number
                    and not (s["dir"] == "out" and s.get("fault") == "drop")]
            known = connections[ends(told[0])]
            with self.subTest(scenario=name, states=known.states):
                count = self.compare_one(told, known.log)
                seen.update(known.states)
                if name not in CROSSING:
                    compared, possible = compared + count, possible + len(told)
        self.assertGreater(compared, 0.5 * possible)
        return seen

    def compare_one(self, told, known):
        compared = 0
        for direction in ("out", "in"):
            ours = list(ranked(told, lambda s: s["dir"], direction))
            true = list(ranked(known, lambda s: s.direction, direction))
            self.assertEqual([(s["flags"], s["seq"]) for _, s in ours],
                             [(s.flags, s.seq) for _, s in true][:len(ours)], direction)
            for (our_rank, segment), (true_rank, seen) in zip(ours, true):
                if our_rank == true_rank:  # else it has crossed another
                    self.assertIn(segment["peer_state"], true_states(segment, seen), segment)
                    compared += 1
        return compared

    def both_pass_closing(self, done, connections):
        """Neither FIN acknowledges the other (RFC 9293 §3.6, figure 13)."""
        number = list(LINUX).index("simultaneous-close") + 1
        told = [s for s in done.segments() if s["connection"] == number]
        ours, theirs = ([s for s in told if s["dir"] == way and "F" in s["flags"]][0]
                        for way in ("out", "in"))
        self.assertEqual((ours["ack"], theirs["ack"]), (theirs["seq"] + theirs["len"], ours["seq"]))
        passed = [e["to"] for e in done.events("state")
                  if e["who"] == "us" and e["connection"] == number]
        self.assertEqual(passed[-3:-1], ["FIN-WAIT-1", "CLOSING"])
        self.assertEqual(connections[ends(told[0])].states[-3:],
                         ["FIN-WAIT-1", "CLOSING", "TIME-WAIT"])

    def check_verdicts(self, done, expected, slow):
        self.assert_status(done, 0)
        self.assertEqual({s["name"]: s["verdict"] for s in done.result["scenarios"]},
                         {name: verdict for name, (verdict, _) in expected.items()})
        for number, (name, (verdict, rows)) in enumerate(expected.items(), 1):
            found = [e for e in done.events("verdict") if e["connection"] == number]
            optional = SOMETIMES.get(name, set()) | (set() if slow else IF_SLOW)
            self.assertEqual([e["id"] for e in found if e["id"] not in {name, *optional}],
                             [row for row in rows if row not in optional], name)
            self.assertLessEqual({e["id"] for e in found}, {name, *rows})
            self.assertEqual({e["verdict"] for e in found}, {verdict}, name)
            self.assertTrue(all(e["segments"] for e in found), found)


def ends(segment):
    def end(text):
        address, _, port = text.rpartition(":")
        return address.strip("[]"), int(port)
    ours, theirs = end(segment["src"]), end(segment["dst"])
    return (ours, theirs) if segment["dir"] == "out" else (theirs, ours)


def ranked(segments, direction_of, wanted):
    """Those of one direction, each with how many of the other came before it."""
    others = 0
    for segment in segments:
        if direction_of(segment) == wanted:
            yield others, segment
        else:
            others += 1


def true_states(segment, seen):
    """What of ours asks for an answer moves the peer, to us, only when the answer is there."""
    if seen.waiting:
        return {seen.waiting, seen.before}
    if seen.before == "TIME-WAIT" and segment["flags"] == "R" and segment["options"]:
        # Linux holds an old timestamp against a RST in TIME-WAIT, which RFC 7323 §5.2 forbids; the
        # RST that answers a segment has TSval 0.
        return {"CLOSED", seen.after}
    if segment["dir"] == "in" and segment["flags"] == "." and segment["len"] == 0:
        return {seen.before, seen.after}  # a delayed ACK may leave just before the server acts
    asks = segment["dir"] == "out" and (segment["len"] > 0 or set("SF") & set(segment["flags"]))
    return {seen.before if asks else seen.after}


class WeOpen(States):

    words, expected = ["all", "--send", REQUEST], LINUX
    states = {"LISTEN", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSING",
              "TIME-WAIT", "CLOSE-WAIT", "LAST-ACK", "CLOSED"}

    def starts(self, cable):
        runs = {}
        for family in lab.FAMILIES:
            cable.add(accepting(cable, family, slow=family == 6))
            runs[family] = self.start(lab.target("server", family, PORT), "--json", "-g",
                                      next(PORTS), "--time-wait", "100ms", *self.words)
        return runs

    def test_inferred_as_it_is(self):
        done, connections = self.play()
        for family, run in done.items():
            with self.subTest(family=f"IPv{family}"):
                self.check_verdicts(run, self.expected, slow=family == 6)
                self.assertEqual(self.compare(run, connections, self.expected), self.states)
                if "simultaneous-close" in self.expected:
                    self.both_pass_closing(run, connections)


class WeOpenAndClose(WeOpen):
    """Those that can be played from both sides."""

    words, expected = [*FIRST_US, "--first", "us"], FIRST_US
    states = {"LISTEN", "SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED"}


class TheyOpen(States):

    expected = {**LINUX, **FIRST_US}
    states = (WeOpen.states | {"SYN-SENT"}) - {"LISTEN", "SYN-RECEIVED"}

    def starts(self, cable):
        return {family: self.server(cable, family) for family in lab.FAMILIES}

    def server(self, cable, family):
        run = self.start("-l", OURS[family], f"-{family}", "--json", "--time-wait", "100ms", "all")
        program = {4: "iptables", 6: "ip6tables"}[family]
        lab.wait_until(lambda: not run.running() or
                       any(rule.startswith(program) for rule in lab.own_rules("client")),
                       "the guard")
        for name in LINUX:
            behave = close_at_once if name in PEER_CLOSES else answer_and_close
            behave = leave_unread if name == "unread-data" else behave
            cable.add(connecting(cable, family, behave, slow=family == 6))
        return run

    def test_inferred_as_it_is(self):
        done, connections = self.play()
        for family, run in done.items():
            with self.subTest(family=f"IPv{family}"):
                self.check_verdicts(run, self.expected, slow=family == 6)
                self.assertEqual(self.compare(run, connections, self.expected), self.states)
                self.both_pass_closing(run, connections)


if __name__ == "__main__":
    lab.main()
