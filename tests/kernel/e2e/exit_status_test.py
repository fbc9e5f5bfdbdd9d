"""Every exit status, and that JSON comes with each of them but 2; both families."""

import signal

import lab
from sniffer import Sniffer

OPEN, CLOSED, SILENT, FORBIDDEN = 7004, 9, 7005, 7006
NOBODY_THERE = {4: "10.77.2.99", 6: "fd77:2::99"}  # on the link, and answers no ARP or ND
NO_ROUTE = {4: "192.0.2.1", 6: "2001:db8::1"}


def setUpModule():
    for tables in ("iptables", "ip6tables"):
        rule = [tables, "-A", "INPUT", "-p", "tcp", "--dport"]
        lab.output_in("server", *rule, str(SILENT), "-j", "DROP")
        lab.output_in("server", *rule, str(FORBIDDEN), "-j", "REJECT")


class ExitStatus(lab.Case):

    def run_to(self, family, port, *words, **options):
        return self.run_tool(lab.target("server", family, port), "--json", *words, **options)

    def assert_failed(self, done, status):
        self.assert_status(done, status)
        self.assertFalse(done.result["established"])
        self.assertNotEqual(done.result["summary"], "")

    @lab.both_families
    def test_0_open(self, family):
        with lab.listener_in("server", family, OPEN):
            done = self.run_to(family, OPEN, "--then", "reset")
        self.assert_status(done, 0)
        self.assertTrue(done.result["established"])
        self.assertEqual([v["verdict"] for v in done.events("verdict")], ["conforms"])

    @lab.both_families
    def test_1_closed_port(self, family):
        done = self.run_to(family, CLOSED)
        self.assert_failed(done, 1)
        self.assertEqual(done.flags(), ["S", "R."])
        self.assertIn("refused", done.result["summary"])

    @lab.both_families
    def test_1_icmp(self, family):
        done = self.run_to(family, FORBIDDEN)
        self.assert_failed(done, 1)
        self.assertEqual(done.flags("in"), [])

    @lab.both_families
    def test_2_usage(self, family):
        target = lab.target("server", family, OPEN)
        with Sniffer() as sniffer:
            for words in (["--no-such-option"], ["--then", "dance"], ["-l", "1"], ["--rto", "0"]):
                with self.subTest(words=words):
                    done = self.run_tool(target, "--json", *words)
                    self.assert_status(done, 2)
                    self.assertEqual(done.stdout, "")
                    self.assertNotEqual(done.stderr, "")
            self.assertEqual(sniffer.packets(), [])

    @lab.both_families
    def test_3_silence(self, family):
        done = self.run_to(family, SILENT, "--rto", "200ms", "--retries", "2", "--timeout", "3s")
        self.assert_failed(done, 3)
        self.assertEqual(done.flags(), ["S"] * 3)
        self.assertEqual([v["verdict"] for v in done.events("verdict")], ["no-answer"])
        self.assertEqual(done.result["state"], "CLOSED")  # it gave up

    @lab.both_families
    def test_3_neighbour_does_not_resolve(self, family):
        done = self.run_tool(f"{lab.bracketed(NOBODY_THERE[family])}:{OPEN}", "--json", "--timeout",
                             "15s")
        self.assert_failed(done, 3)
        self.assertEqual(done.flags("in"), [])

    @lab.both_families
    def test_4_privilege(self, family):
        with Sniffer() as sniffer:
            done = self.run_to(family, OPEN, "--firewall", "socket",
                               before=["setpriv", "--bounding-set", "-net_raw"])
            self.assert_failed(done, 4)
            self.assertEqual(sniffer.packets(), [])
        self.assertIn("CAP_NET_RAW", done.stderr)

    @lab.both_families
    def test_4_no_route(self, family):
        done = self.run_tool(f"{lab.bracketed(NO_ROUTE[family])}:{OPEN}", "--json")
        self.assert_failed(done, 4)

    @lab.both_families
    def test_4_no_such_interface(self, family):
        self.assert_failed(self.run_to(family, OPEN, "-I", "eth77"), 4)

    def test_4_name_does_not_resolve(self):
        self.assert_failed(self.run_tool("no-such-host.invalid:80", "--json"), 4)

    @lab.both_families
    def test_4_port_is_taken(self, family):
        with lab.listener_in("client", family, OPEN):
            self.assert_failed(self.run_to(family, OPEN, "-g", OPEN), 4)

    @lab.both_families
    def test_130_interrupted_while_the_guard_is_being_raised(self, family):
        """Nothing is sent, the rule that was being installed goes, and the document comes."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number.name), Sniffer() as sniffer:
                folder = self.slow_iptables()
                run = self.start(lab.target("server", family, OPEN), "--json", environment={
                    "TCPCRAFT_IPTABLES": f"{folder}/iptables"})
                lab.wait_until((folder / "asked").exists, "the guardian to ask for its rule")
                run.signal(number)
                (folder / "go").touch()
                done = run.end()
                self.assert_failed(done, 130)
                self.assertIn("interrupted", done.result["summary"])
                self.assertEqual(sniffer.packets(), [])
                self.assertEqual(lab.own_rules("client"), [])

    def slow_iptables(self):
        """Programs like iptables and ip6tables; an insertion says `asked` and waits for `go`."""
        folder = self.folder()
        folder.chmod(0o755)
        for tables in ("iptables", "ip6tables"):
            for name in (tables, f"{tables}-save", f"{tables}-restore"):
                wait = (f'case "$*" in *"-I OUTPUT"*) touch {folder}/asked; '
                        f"until [ -e {folder}/go ]; do sleep 0.02; done;; esac; ")
                script = folder / name
                script.write_text(f'#!/bin/sh\n{wait}exec {name} "$@"\n')
                script.chmod(0o755)
        return folder

    @lab.both_families
    def test_130_interrupted_in_the_middle(self, family):
        """What was learnt so far is told: our ISN, and where the connection stood."""
        with Sniffer() as sniffer:
            run = self.start(lab.target("server", family, SILENT), "--json", "--timeout", "10m",
                             "--retries", "20")
            lab.wait_until(sniffer.packets, "the SYN")
            run.signal(signal.SIGINT)
            done = run.end()
            syn = sniffer.packets()[0]
        self.assert_failed(done, 130)
        self.assertEqual(done.result["isn"], syn.seq)
        self.assertEqual(done.result["state"], "SYN-SENT")
        self.assertEqual(done.flags()[0], "S")
        self.assertEqual(lab.own_rules("client"), [])

    @lab.both_families
    def test_130_interrupted_while_listening(self, family):
        run = self.start("-l", OPEN, f"-{family}", "--json")
        lab.wait_until(lambda: lab.own_rules("client"), "the guard")
        run.signal(signal.SIGINT)
        self.assert_status(run.end(), 130)
        self.assertEqual(lab.own_rules("client"), [])

    @lab.both_families
    def test_130_interrupted_while_open(self, family):
        with lab.listener_in("server", family, OPEN):
            run = self.start(lab.target("server", family, OPEN), "--json", "--then", "hold")
            self.wait_established(OPEN)
            run.signal(signal.SIGINT)
            done = run.end()
            self.wait_gone(OPEN)
        self.assert_status(done, 130)
        self.assertTrue(done.result["established"])
        self.assertIsNotNone(done.result["rtt"])


if __name__ == "__main__":
    lab.main()
