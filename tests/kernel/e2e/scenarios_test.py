"""The demonstrations of tcp-handshake against the kernel's TCP; both families."""

import lab
from sniffer import Sniffer, received_flags

OPEN, CLOSED, OURS = 7010, 9, 7012
THEIRS = iter(range(7100, 7200))  # never twice: who closes first keeps its port in TIME-WAIT


class Scenarios(lab.Case):

    def run_scenario(self, name, family, port, *words):
        return self.run_tool(lab.target("server", family, port), "--json", "--scenario", name,
                             *words)

    def verdicts(self, done):
        return [v["verdict"] for v in done.events("verdict")]

    @lab.both_families
    def test_three_way(self, family):
        with lab.listener_in("server", family, OPEN):
            done = self.run_scenario("three-way", family, OPEN, "--then", "reset")
        self.assert_status(done, 0)
        self.assertEqual(done.flags()[:3], ["S", "S.", "."])

    @lab.both_families
    def test_refused(self, family):
        done = self.run_scenario("refused", family, CLOSED)
        self.assert_status(done, 0)
        self.assertEqual(self.verdicts(done), ["conforms"])
        self.assertEqual(done.flags(), ["S", "R."])

    @lab.both_families
    def test_refused_but_open(self, family):
        with lab.listener_in("server", family, OPEN):
            done = self.run_scenario("refused", family, OPEN)
            self.assert_status(done, 1)
            self.wait_gone(OPEN)

    @lab.both_families
    def test_old_duplicate_syn(self, family):
        """Act one: CLOSED resets the answer. Act two: so does SYN-SENT, then the true SYN opens."""
        listener = self.closing(lab.listener_in("server", family, OPEN))
        with Sniffer() as sniffer:
            done = self.run_scenario("old-duplicate-syn", family, OPEN, "--then", "reset")
            packets = sniffer.packets()
        self.assert_status(done, 0)
        self.assertEqual(received_flags(packets), ["S", "R", "S", "R", "S", ".", "R"])
        old, answer, refusal = packets[:3]
        self.assertEqual((answer.flags, answer.ack), ("S.", old.seq + 1))
        self.assertEqual(refusal.seq, answer.ack)
        resets = [p for p in packets if p.flags == "R"]
        self.assertEqual(resets[1].seq, old.seq + 1)
        true_syn = [p for p in packets if p.flags == "S"][2]
        self.assertEqual(true_syn.seq, (old.seq + 1000) % 2**32)
        self.assertEqual(done.result["isn"], true_syn.seq)
        listener.accept()[0].close()  # the one that was meant
        self.wait_gone(OPEN)
        self.assertTrue(lab.sockets("server", OPEN, "LISTEN"))

    def cross(self, family, theirs, *words):
        """The tool and a connect() of the kernel that has no listener to go to."""
        run = self.start(*words, "--json", "--send", "from the tool", "--time-wait", "200ms")
        lab.wait_until(lambda: lab.own_rules("client") or not run.running(), "the guard")
        end = self.closing(lab.socket_in("server", family))
        end.bind((lab.address_of("server", family), theirs))
        end.connect((lab.address_of("client", family), OURS))
        end.sendall(b"from the kernel")
        self.assertEqual(end.recv(100), b"from the tool")
        end.close()
        done = run.end()
        self.assert_status(done, 0)
        self.assertTrue(done.result["established"])
        self.assertEqual(done.flags("out")[0], "S")
        self.assertEqual(done.flags("in")[0], "S")
        self.assertIn("S.", done.flags("in"))

    @lab.both_families
    def test_simultaneous_open_towards_a_target(self, family):
        theirs = next(THEIRS)
        self.cross(family, theirs, lab.target("server", family, theirs), "-g", OURS,
                   "--simultaneous")

    @lab.both_families
    def test_simultaneous_open_of_a_listener(self, family):
        self.cross(family, next(THEIRS), "-l", OURS, f"-{family}", "--scenario", "simultaneous-open")

    @lab.both_families
    def test_syn_flood_view(self, family):
        """The kernel repeats its SYN,ACK and waits in SYN-RECEIVED; our reset frees it."""
        with lab.listener_in("server", family, OPEN), Sniffer() as sniffer:
            run = self.start(lab.target("server", family, OPEN), "--json", "--scenario",
                             "syn-flood-view", "--then", "hold:4s")
            lab.wait_until(lambda: lab.sockets("server", OPEN) == ["SYN-RECV"], "SYN-RECV")
            done = run.end()
            self.wait_gone(OPEN)
            arrived = received_flags(sniffer.packets())
        self.assert_status(done, 0)
        self.assertGreaterEqual(done.flags("in").count("S."), 2)
        self.assertEqual(arrived, ["S", "R"])
        self.assertEqual({s.get("fault") for s in done.segments("out") if s["flags"] == "."},
                         {"drop"})

    @lab.both_families
    def test_two_way_server(self, family):
        """It believes the kernel's SYN alone, and says that this breaks the rule."""
        run = self.start("-l", OURS, f"-{family}", "--json", "--two-way", "--time-wait", "200ms")
        lab.wait_until(lambda: lab.own_rules("client") or not run.running(), "the guard")
        with lab.socket_in("server", family) as end:
            end.connect((lab.address_of("client", family), OURS))
        done = run.end()
        self.assert_status(done, 0)
        self.assertEqual([s["state"] for s in done.segments("out")][0], "ESTABLISHED")


if __name__ == "__main__":
    lab.main()
