"""The kernel's RST never reaches the peer, our own does, and other ports of the host still answer.

Judged by what arrives at the server. Our kernel's RST answers the SYN,ACK and so comes before our
ACK; our own comes after it. Nor does any arrive that the tool does not own up to.
"""

import collections
import json
import signal

import lab
from sniffer import Sniffer, received_flags

PORT = 7002
IN_A_ROW = 200
AT_ONCE = 50


def resets(flags):
    return [i for i, f in enumerate(flags) if "R" in f]


class Resets(lab.Case):

    def setUp(self):
        for family in lab.FAMILIES:
            self.closing(lab.listener_in("server", family, PORT))
        self.sniffer = self.closing(Sniffer())

    def arrived(self):
        """For each connection, by the client's end, the flags of what arrived."""
        return {self.text(packets[0].source): received_flags(packets)
                for packets in self.sniffer.connections()}

    @staticmethod
    def text(end):
        return f"{lab.bracketed(end[0])}:{end[1]}"

    def assert_only_our_own(self, runs):
        """Returns how many connections there were. A port is lent again when its tool has ended, so
        that one end can have had several of them, one after the other."""
        arrived, sent, count = self.arrived(), collections.defaultdict(list), 0
        for done in runs:
            own = collections.defaultdict(list)
            for segment in done.segments("out"):
                own[segment["src"]].append(segment["flags"])
            for end, flags in own.items():
                self.assertGreaterEqual(len(resets(flags)), 1, str(done))
                sent[end] += flags
            count += len(own)
        for end, flags in sent.items():
            came = arrived[end]
            self.assertEqual(len(resets(came)), len(resets(flags)), f"{end} {came} {flags}")
            self.assert_acknowledged_before_reset(came)
        return count

    def assert_acknowledged_before_reset(self, came):
        acknowledged = False
        for flags in came:
            if "R" in flags:
                self.assertTrue(acknowledged, came)
            acknowledged = flags == "." or (acknowledged and flags != "S")

    @lab.both_families
    def test_many_in_a_row(self, family):
        done = self.run_tool(lab.target("server", family, PORT), "--json", "--count", IN_A_ROW,
                             "--then", "reset")
        self.assert_status(done, 0)
        self.assertEqual([c["established"] for c in done.result["connections"]], [True] * IN_A_ROW)
        self.assertEqual(self.assert_only_our_own([done]), IN_A_ROW)

    def test_many_at_once(self):
        families = [4, 6] * (AT_ONCE // 2)
        runs = [self.start(lab.target("server", f, PORT), "--json", "--then", "reset")
                for f in families]
        ended = [run.end() for run in runs]
        for done in ended:
            self.assert_status(done, 0)
        self.assertEqual(self.assert_only_our_own(ended), AT_ONCE)
        self.assertLessEqual(len(self.arrived()), AT_ONCE)
        self.assertEqual(lab.own_rules("client"), [])

    @lab.both_families
    def test_without_a_guard_the_kernels_reset_arrives(self, family):
        """The proof that the cases above could fail; and the tool does not blame the peer."""
        done = self.run_tool(lab.target("server", family, PORT), "--json", "--firewall", "none",
                             "--then", "reset")
        flags = list(self.arrived().values())[-1]
        self.assertLess(resets(flags)[0], flags.index("."), flags)
        said = json.dumps([e for e in done.document["events"] if e["event"] != "segment"])
        self.assertIn("kernel", said + done.stderr + done.result["summary"], str(done))

    @lab.both_families
    def test_every_backend_holds_it_back(self, family):
        for name, (backend, environment) in lab.BACKENDS.items():
            with self.subTest(backend=name):
                done = self.run_tool(lab.target("server", family, PORT), "--json", "--firewall",
                                     backend, "--then", "reset", environment=environment)
                self.assert_status(done, 0)
                self.assertEqual(self.assert_only_our_own([done]), 1)

    @lab.both_families
    def test_a_closed_port_still_answers(self, family):
        """Meanwhile the host's kernel refuses for all its other ports."""
        for name, (backend, environment) in lab.BACKENDS.items():
            with self.subTest(backend=name):
                run = self.start(lab.target("server", family, PORT), "--json", "--firewall",
                                 backend, "--then", "hold", environment=environment)
                self.wait_established(PORT)
                stranger = self.closing(lab.socket_in("server", family))
                with self.assertRaises(ConnectionRefusedError):
                    stranger.connect((lab.address_of("client", family), 9))
                run.signal(signal.SIGINT)
                self.assert_status(run.end(), 130)
                self.wait_gone(PORT)


if __name__ == "__main__":
    lab.main()
