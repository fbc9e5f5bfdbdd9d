"""Segments of a close that are lost, late, doubled, overtaken or corrupt on the way to the kernel's
TCP and back: who repeats what, and nobody is blamed for the path (RFC 9293 §3.6, §3.10.7.4)."""

import lab
import sniffer
from teardown_peers import PORT, REQUEST, Server, Teardown, serve

PORTS = iter(range(30000, 31000))


class LastAck(Teardown):
    """The last ACK is lost: what the textbook draws, and its two corrections."""

    def close_without_it(self, family, *words):
        """The run, and the times and flags: of the peer's FINs, of ours after the last FIN."""
        done = self.play(family, *words, "-g", next(PORTS), send=None)
        self.assert_status(done, 0)
        fins = [s for s in done.segments("in") if "F" in s["flags"]]
        # A slow machine may let it repeat its FIN more often, but what ends that comes last.
        after = done.segments().index(fins[-1])
        sent = [s for s in done.segments()[after:] if s["dir"] == "out" and "fault" not in s]
        self.assertEqual(len({s["seq"] for s in fins}), 1, "each FIN has the number of the first")
        return done, fins, sent

    @lab.both_families
    def test_time_wait_acknowledges_the_repeated_fin(self, family):
        done, fins, sent = self.close_without_it(family, "lost-final-ack")
        self.assertGreaterEqual(len(fins), 3)  # two ACKs were lost
        self.assertEqual((sent[0]["flags"], sent[0]["state"]), (".", "TIME-WAIT"))
        self.assertEqual(sent[0]["peer_state"], "CLOSED")
        self.assertNotIn("R", "".join(done.flags("out")))

    @lab.both_families
    def test_without_time_wait_it_is_reset(self, family):
        done, fins, sent = self.close_without_it(family, "no-time-wait")
        self.assertGreaterEqual(len(fins), 2)
        told = [(s["flags"], s["state"], s.get("altered", False)) for s in sent]
        # and the question whether that has ended it
        self.assertEqual(told[-1], (".", "CLOSED", True))
        self.assertEqual(set(told[:-1]), {("R", "CLOSED", False)})
        # LAST-ACK would have gone on for minutes.
        ours = int(sent[0]["src"].rpartition(":")[2])
        self.assertEqual(self.in_ss(ours), [])

    def test_to_a_mute_host_it_repeats_its_fin_to_the_end(self):
        """At least for the time of so many retries as Linux counts them, 2^(n+1) - 1 times 200 ms,
        and long before the 100 s of its default."""
        for retries, end in ((2, 1.4), (3, 3.0)):
            self.ip_sysctl("tcp_orphan_retries", retries)
            runs = {family: self.start_mute(family) for family in lab.FAMILIES}
            for family, (ours, run) in runs.items():
                with self.subTest(family=f"IPv{family}", retries=retries):
                    self.assertGreater(self.check_mute(ours, run.end()), 0.9 * end)

    def start_mute(self, family):
        ours = next(PORTS)
        self.closing(Server(family, serve, PORT + ours % 1000))
        run = self.start(lab.target("server", family, PORT + ours % 1000), "--json",
                         "no-time-wait", "--mute", "--long", "-g", ours)
        lab.wait_until(lambda: self.in_ss(ours) == ["LAST-ACK"], "LAST-ACK")
        return ours, run

    def check_mute(self, ours, done):
        self.assert_status(done, 0)
        self.assertEqual(self.in_ss(ours), [])
        self.assertEqual(self.verdicts(done), {"no-time-wait": "permitted-deviation"})
        self.assertNotIn("R", "".join(done.flags()))
        measured = done.result["measurements"][0]
        pauses = measured["peer_fin_spacing"]
        self.assertEqual(len(pauses) + 1, sum("F" in flags for flags in done.flags("in")))
        self.assertGreater(pauses[-1], 1.5 * pauses[-2])
        self.assertAlmostEqual(measured["peer_gave_up"], sum(pauses) + 2 * pauses[-1], 3)
        return measured["peer_gave_up"]


class Faults(Teardown):
    """Every kind, both directions: the trace says what was done, the kernel got what it says, and
    the verdict stays what it is without."""

    RULES = (  # scenario, request, rule, how often it acts
        ("active-close", None, "drop out S", 1),
        ("active-close", None, "drop in S.", 1),
        ("active-close", None, "drop out F. #1-2", 2),
        ("active-close", None, "drop in F.", 1),
        ("active-close", None, "delay=300ms out F.", 1),
        # Longer than Linux waits (200 ms), the run would be over before it comes.
        ("active-close", None, "delay=100ms in F.", 1),
        ("active-close", None, "duplicate out F.", 1),
        ("active-close", None, "duplicate in F.", 1),
        ("active-close", None, "corrupt out F.", 1),
        ("active-close", None, "corrupt in F.", 1),
        ("half-close", REQUEST, "reorder out P.", 1),
        ("passive-close", REQUEST, "reorder in P.", 1),
        ("passive-close", REQUEST, "drop out P. #1", 1),
        ("passive-close", REQUEST, "corrupt in P. #1", 1),
        ("passive-close", REQUEST, "duplicate in #*", None),
        ("simultaneous-close", REQUEST, "delay=100ms out #2+", None),
        ("lost-final-ack", None, "duplicate out #*", None),
        ("time-wait", REQUEST, "duplicate in F. #*", 1),
    )

    def test_each_rule(self):
        """Both families, some runs at a time, all watched at the server's interface."""
        cases = [(family, *case) for case in self.RULES for family in lab.FAMILIES]
        for family in lab.FAMILIES:
            self.closing(Server(family, serve))
        with sniffer.Sniffer() as watch:
            done = [run for at in range(0, len(cases), 9) for run in self.run_all(cases[at:at + 9])]
            came = watch.connections()
        for (family, scenario, request, rule, times), (ours, run) in zip(cases, done):
            with self.subTest(scenario=scenario, rule=rule, family=f"IPv{family}"):
                self.assert_status(run, 0)
                self.assertEqual(self.verdicts(run), {scenario: "conforms"})
                marks = self.marks(run, rule)
                self.assertEqual(len(marks), times if times else max(3, len(marks)), marks)
                self.check_wire(run, [p for packets in came for p in packets
                                      if p.source == (lab.address_of("client", family), ours)])

    def run_all(self, cases):
        runs = []
        for family, scenario, request, rule, _ in cases:
            ours = next(PORTS)
            runs.append((ours, self.start(
                lab.target("server", family, PORT), "--json", scenario, "--fault", rule, "-g", ours,
                "--time-wait", "50ms", *(["--send", request] if request else []))))
        return [(ours, run.end()) for ours, run in runs]

    def marks(self, done, rule):
        """The rule's deeds; each is told of beside the segment, which is marked, too."""
        kind, direction = rule.split()[:2]
        kind = kind.partition("=")[0]
        told = [e["flags"] for e in done.events("fault")
                if (e["fault"].split()[0], e["dir"]) == (kind, direction)]
        marked = [s["flags"] for s in done.segments(direction)
                  if s.get("fault", "").split()[:1] == [kind]]
        self.assertEqual(sorted(told), sorted(marked))
        if not rule.split()[2].startswith("#"):
            self.assertEqual(set(told), {rule.split()[2]})
        return told

    def check_wire(self, done, packets):
        """What the server's interface got is what the trace says has left."""
        left = [s for s in done.segments("out") if s.get("fault") != "drop"]
        left += [s for s in left if s.get("fault") == "duplicate"]
        self.assertEqual(sorted(p.flags for p in packets), sorted(s["flags"] for s in left))
        if not any(s.get("fault") == "corrupt" for s in left):
            self.assertEqual(sorted(p.seq for p in packets), sorted(s["seq"] for s in left))


if __name__ == "__main__":
    lab.main()
