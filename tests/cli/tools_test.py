#!/usr/bin/env python3
"""The tools as they are called: help, exit status, JSON; nothing here needs a network."""
import json
import os
import shutil
import subprocess
import unittest

TOOLS = os.environ["TCPCRAFT_TOOLS"]
UNPRIVILEGED = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                "--inh-caps=-all", "--bounding-set=-all"]


def run(tool, *arguments, before=()):
    return subprocess.run([*before, os.path.join(TOOLS, tool), *arguments], text=True,
                          capture_output=True, timeout=30, stdin=subprocess.DEVNULL)


def without_privileges():
    """What has to stand before a command so that it has no capability."""
    if os.geteuid() != 0:
        return []
    return UNPRIVILEGED


class Help(unittest.TestCase):
    def test_fits_a_screen_and_has_examples(self):
        page = run("tcp-handshake", "--help")
        self.assertEqual((page.returncode, page.stderr), (0, ""))
        lines = page.stdout.splitlines()
        self.assertLessEqual(len(lines), 47)
        self.assertIn("Examples:", lines)
        too_wide = [line for line in lines if len(line) > 80]
        self.assertEqual(too_wide, [])

    def test_names_every_option_once(self):
        page = run("tcp-handshake", "--help").stdout.split("Examples:")[0]
        for name in ("--source ", "--source-port", "--interface", "--listen", "--accept",
                     "--timeout", "--deadline", "--lines", "--json[=events]", "--color", "--write",
                     "--isn", "--window", "--mss", "--wscale", "--no-sack", "--no-timestamps",
                     "--options", "--flags", "--ttl", "--dscp", "--ecn-codepoint",
                     "--bad-checksum", "--like", "--fault", "--firewall", "--simulate",
                     "--explain", "--show-tcb", "--symbols", "--dry-run", "--version", "--then",
                     "--send", "--third", "--scenario", "--step", "--count"):
            self.assertEqual(page.count(name), 1, name)

    def test_tcpcraft_explains_itself(self):
        for arguments in (["--help"], ["doctor", "--help"], ["firewall", "clear", "--help"]):
            page = run("tcpcraft", *arguments)
            self.assertEqual((page.returncode, page.stderr), (0, ""), arguments)
            self.assertTrue(page.stdout.startswith("usage: tcpcraft"), page.stdout)

    def test_version(self):
        for tool in ("tcp-handshake", "tcpcraft"):
            self.assertRegex(run(tool, "--version").stdout, rf"^{tool} \d+\.\d+\.\d+\n$")


class Usage(unittest.TestCase):
    def refused(self, tool, *arguments, verb=""):
        """The sentence, which names the tool and, where the fault is in its words, the verb."""
        ended = run(tool, *arguments)
        self.assertEqual(ended.returncode, 2, arguments)
        self.assertEqual(ended.stdout, "", arguments)
        self.assertTrue(ended.stderr.startswith(f"{tool}{verb}: "), ended.stderr)
        return ended.stderr

    def test_mistakes_are_told_and_nothing_else_happens(self):
        self.assertIn("did you mean --json?", self.refused("tcp-handshake", "--jsn", "127.0.0.1:1"))
        self.refused("tcp-handshake")
        self.refused("tcp-handshake", "--json", "-w", "-", "127.0.0.1:1")
        self.refused("tcp-handshake", "-4", "-6", "127.0.0.1:1")
        self.refused("tcp-handshake", "127.0.0.1:1", "-o", "a.pdf")
        self.assertIn("example.org:80", self.refused("tcp-handshake", "http://example.org/"))
        self.assertIn("MUST-46", self.refused("tcp-handshake", "--dry-run", "224.0.0.1:80"))

    def test_tcpcraft_wants_a_command(self):
        self.refused("tcpcraft")
        self.refused("tcpcraft", "firewall")
        self.refused("tcpcraft", "firewall", "burn", verb=" firewall")
        self.refused("tcpcraft", "doctor", "--all", verb=" doctor")


class WithoutPrivileges(unittest.TestCase):
    def setUp(self):
        self.before = without_privileges()
        if self.before and shutil.which("setpriv") is None:
            self.skipTest("setpriv is missing, and tests run as root")
        if run("tcp-handshake", "--version", before=self.before).returncode != 0:
            self.skipTest("another user cannot run programs in " + TOOLS)

    def test_a_real_run_is_refused_with_the_fix(self):
        ended = run("tcp-handshake", "127.0.0.1:1", "--json", before=self.before)
        self.assertEqual(ended.returncode, 4)
        self.assertIn("setcap", ended.stderr)
        document = json.loads(ended.stdout)
        self.assertEqual(document["events"], [])
        self.assertEqual(document["result"]["exit_status"], 4)
        self.assertIs(document["result"]["established"], False)

    def test_events_have_a_result_too(self):
        ended = run("tcp-handshake", "127.0.0.1:1", "--json=events", before=self.before)
        self.assertEqual(ended.returncode, 4)
        self.assertEqual(json.loads(ended.stdout)["event"], "result")

    def test_a_simulation_and_a_plan_work(self):
        self.assertEqual(run("tcp-handshake", "--simulate", before=self.before).returncode, 0)
        plan = run("tcp-handshake", "--dry-run", "127.0.0.1:1", before=self.before)
        self.assertEqual(plan.returncode, 0, plan.stderr)
        self.assertIn("iptables -w 5 -t raw -I OUTPUT 1", plan.stdout)
        self.assertIn("nothing was sent", plan.stdout)

    def test_doctor_says_so(self):
        ended = run("tcpcraft", "doctor", "--json", before=self.before)
        self.assertEqual(ended.returncode, 4, ended.stderr)
        checks = {check["check"]: check for check in json.loads(ended.stdout)["result"]["checks"]}
        self.assertIs(checks["capabilities"]["ok"], False)
        self.assertIn("setcap", checks["capabilities"]["fix"])
        for check in checks.values():
            self.assertEqual(set(check), {"check", "ok", "detail", "fix"})
        for name in ("iptables", "ip6tables", "xtables-lock", "nft", "rp-filter", "offload",
                     "conntrack", "namespaces"):
            self.assertIn(name, checks)


class Simulated(unittest.TestCase):
    def test_results_are_as_documented(self):
        document = json.loads(run("tcp-handshake", "--simulate", "example.org:80", "--json").stdout)
        self.assertEqual(set(document),
                         {"tool", "version", "target", "started_at", "events", "result"})
        self.assertIs(document["result"]["established"], True)
        self.assertEqual(document["target"], "192.0.2.2:80 (example.org, simulated)")

    def test_exit_status(self):
        lost = run("tcp-handshake", "--simulate", "--fault", "drop in #*", "--timeout", "3", "-q")
        self.assertEqual(lost.returncode, 3, lost.stdout)
        refused = run("tcp-handshake", "--simulate", "--scenario", "refused", "-q")
        self.assertEqual(refused.returncode, 0, refused.stdout)

    def test_a_server_and_ipv6(self):
        self.assertEqual(run("tcp-handshake", "--simulate", "-l", "8080", "-q").returncode, 0)
        six = run("tcp-handshake", "--simulate", "-6", "--lines")
        self.assertEqual(six.returncode, 0)
        self.assertIn("2001:db8::2", six.stdout)

    def test_as_many_clients_come_as_a_server_takes(self):
        for tool in (["tcp-handshake"], ["tcp-keepalive", "learn"], ["tcp-keepalive", "probe"]):
            done = run(*tool, "-l", "8080", "--accept", "3", "--simulate", "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            taken = {event["connection"] for event in json.loads(done.stdout)["events"]
                     if event["event"] == "segment"}
            self.assertEqual(len(taken), 3, tool)

    def test_packets_on_stdout_and_text_on_stderr(self):
        ended = subprocess.run([os.path.join(TOOLS, "tcp-handshake"), "--simulate", "-w", "-"],
                               capture_output=True, timeout=30)
        self.assertEqual(ended.returncode, 0)
        self.assertEqual(ended.stdout[:4], b"\x0a\x0d\x0d\x0a")  # pcapng section header
        self.assertIn(b"ESTABLISHED", ended.stderr)

    def test_a_reader_that_leaves_is_no_drama(self):
        reader, writer = os.pipe()
        os.close(reader)
        ended = subprocess.run([os.path.join(TOOLS, "tcp-handshake"), "--simulate"], timeout=30,
                               stdout=writer, stderr=subprocess.PIPE, text=True)
        os.close(writer)
        self.assertEqual((ended.returncode, ended.stderr), (130, ""))


if __name__ == "__main__":
    unittest.main()
