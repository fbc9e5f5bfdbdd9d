"""A list with more connections to one peer than get a lease each: one range of ports, one rule
before the kernel, and nothing left of either however the run ends."""

import itertools
import signal

import lab

MANY = 150
PORTS = itertools.count(7500)  # one for each test: what is killed leaves connections behind


class Range(lab.Case):
    def setUp(self):
        self.port = next(PORTS)
        for family in lab.FAMILIES:
            self.closing(lab.listener_in("server", family, self.port))
        self.before = lab.rule_set("client")

    def list_of(self, family):
        file = self.folder() / "targets"
        file.write_text(f"{lab.target('server', family, self.port)}\n" * MANY)
        return file

    def hold(self, family, *words):
        run = self.start("probe", "--targets", self.list_of(family), "--rate", "2000", "--json",
                         "--idle", "60", *words)
        self.wait_established(self.port, MANY)
        return run

    @staticmethod
    def names():
        """What stands for the range in this host, gone with its process."""
        return lab.output_in("client", "ss", "-xa").count("@tcpcraft/ports-")

    def assert_shut_before_the_kernel(self):
        rules = lab.own_rules("client")
        self.assertEqual(len(rules), 1, rules)
        self.assertIn("PREROUTING", rules[0])
        self.assertGreater(self.names(), 0)

    def assert_as_before(self):
        lab.wait_until(lambda: not lab.own_rules("client"), "the rule to go")
        self.assertEqual(lab.rule_set("client"), self.before)
        self.assertEqual(self.names(), 0)

    @lab.both_families
    def test_ends_by_a_signal(self, family):
        run = self.hold(family)
        self.assert_shut_before_the_kernel()
        run.signal(signal.SIGINT)
        self.assertEqual(run.end().status, 130)
        self.assert_as_before()
        self.wait_gone(self.port)

    def test_ends_by_kill_9(self):
        run = self.hold(4)
        self.assert_shut_before_the_kernel()
        run.signal(signal.SIGKILL)
        self.assert_as_before()

    def test_two_runs_share_nothing(self):
        runs = [self.hold(4)]
        runs.append(self.start("probe", "--targets", self.list_of(4), "--rate", "2000", "--json",
                               "--idle", "60"))
        self.wait_established(self.port, 2 * MANY)
        for run in runs:
            run.signal(signal.SIGINT)
            self.assertEqual(run.end().status, 130)
        self.assert_as_before()


if __name__ == "__main__":
    lab.main()
