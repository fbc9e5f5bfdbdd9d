#!/usr/bin/env python3
"""tcp-teardown as it is called, with --simulate: words, table, JSON, exit status."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import tempfile
import termios
import unittest
import xml.etree.ElementTree
from pathlib import Path

TOOL = os.path.join(os.environ["TCPCRAFT_TOOLS"], "tcp-teardown")
NAMES = ["active-close", "passive-close", "half-close", "three-segment-close",
         "simultaneous-close", "reset", "reset-in-window", "reset-outside-window",
         "syn-in-established", "lost-fin", "lost-final-ack", "time-wait", "time-wait-reuse",
         "no-time-wait", "data-after-close", "fin-wait-2-timeout", "unread-data"]
VERDICTS = {"conforms", "permitted-deviation", "violates", "no-answer", "inconclusive"}


def run(*arguments):
    return subprocess.run([TOOL, *arguments], text=True, capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL)


def simulated(*arguments):
    return run("--simulate", *arguments)


def on_a_terminal(width, *arguments):
    """The lines that come out where stdout is a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    with subprocess.Popen([TOOL, *arguments], stdin=subprocess.DEVNULL, stdout=theirs) as tool:
        os.close(theirs)
        written = b""
        with open(ours, "rb", buffering=0) as terminal:
            try:
                while piece := terminal.read(65536):
                    written += piece
            except OSError:
                pass  # the last one at the other end has left
        tool.wait(60)
    return written.decode().replace("\r\n", "\n").splitlines()


def normal(row):
    """Without what differs from run to run."""
    return re.sub(r"\d+(\.\d+)?", "N", row)


class Words(unittest.TestCase):
    def test_help_fits_a_screen(self):
        page = run("--help")
        self.assertEqual((page.returncode, page.stderr), (0, ""))
        lines = page.stdout.splitlines()
        self.assertLessEqual(len(lines), 46)
        self.assertEqual([line for line in lines if len(line) > 80], [])

    def test_list_names_all(self):
        listed = run("list")
        self.assertEqual(listed.returncode, 0)
        self.assertEqual([line.split()[0] for line in listed.stdout.splitlines()[1:]], NAMES)

    def test_show_in_words_and_as_a_script(self):
        for name in NAMES:
            words = run("show", name)
            self.assertEqual(words.returncode, 0, name)
            self.assertIn(name, words.stdout)
            self.assertIn("silence:", words.stdout)
            script = run("show", name, "--script")
            self.assertEqual(script.returncode, 0, name)
            self.assertRegex(script.stdout, r"(?m)^\+0\.000 < S 0:0\(0\) win")
            self.assertRegex(script.stdout, r"(?m)^\+0~\+1 > S\. 0:0\(0\) ack 1")

    def test_several_scenarios(self):
        """However the words and the options are mixed."""
        for words in (["192.0.2.2:80", "lost-fin", "reset", "time-wait"],
                      ["192.0.2.2", "80", "lost-fin", "--long", "reset", "time-wait"],
                      ["192.0.2.2", "-p", "80", "lost-fin", "reset", "time-wait"]):
            ended = run(*words, "--simulate", "--json")
            self.assertEqual(ended.returncode, 0, ended.stderr)
            names = [s["name"] for s in json.loads(ended.stdout)["result"]["scenarios"]]
            self.assertEqual(names, ["lost-fin", "reset", "time-wait"])

    def test_mistakes(self):
        for words in (["foo:80"], ["foo:80", "actve-close"], ["foo:80", "reset", "no"], [],
                      ["show"], ["show", "nothing"], ["foo:80", "all", "--first", "me"],
                      ["-l", "80", "--simulate", "all"], ["foo:80", "all", "--send", ""]):
            ended = run(*words)
            self.assertEqual((ended.returncode, ended.stdout), (2, ""), words)
            self.assertTrue(ended.stderr.startswith("tcp-teardown: "), ended.stderr)
        self.assertIn("did you mean active-close", run("foo:80", "active-clos").stderr)


class Simulated(unittest.TestCase):
    def test_each_alone(self):
        for name in NAMES:
            for family in ("-4", "-6"):
                ended = simulated(name, family, "--json")
                self.assertEqual(ended.returncode, 0, name + ended.stdout[-2000:] + ended.stderr)
                result = json.loads(ended.stdout)["result"]
                self.assertEqual([s["name"] for s in result["scenarios"]], [name])

    def test_all_as_a_table(self):
        ended = simulated("all")
        self.assertEqual(ended.returncode, 0, ended.stdout)
        rows = ended.stdout.splitlines()
        self.assertEqual([row.split()[0] for row in rows[:-1]],
                         [name for name in NAMES if name != "fin-wait-2-timeout"])
        self.assertTrue(all(row.split()[1] in VERDICTS for row in rows[:-1]))
        self.assertRegex(rows[-1], r"^\d+ conforms.* in \d+\.\d s$")

    def test_the_table_fits_a_terminal_and_nothing_is_lost(self):
        whole = simulated("all").stdout.splitlines()
        self.assertTrue(any(len(row) > 80 for row in whole), "nothing to wrap")
        for width in (64, 80):
            shown = on_a_terminal(width, "--simulate", "all")
            self.assertEqual([row for row in shown if len(row) > width], [])
            rows = []
            for line in shown:
                if line.startswith(" " * 43):
                    rows[-1] += " " + line.strip()
                else:
                    rows.append(line.rstrip())
            self.assertEqual([normal(row) for row in rows], [normal(row) for row in whole])

    def test_json(self):
        document = json.loads(simulated("all", "--json").stdout)
        result, events = document["result"], document["events"]
        self.assertEqual(result["exit_status"], 0)
        self.assertEqual(len(result["scenarios"]), 16)
        for scenario in result["scenarios"]:
            self.assertEqual(set(scenario), {"name", "verdict", "rule", "text", "segments"})
            self.assertIn(scenario["verdict"], VERDICTS)
            self.assertTrue(scenario["segments"], scenario)
            for index in scenario["segments"]:
                self.assertEqual(events[index]["event"], "segment", scenario)
        told = {e["id"]: e for e in events if e["event"] == "verdict"}
        for scenario in result["scenarios"]:
            self.assertEqual(told[scenario["name"]]["segments"], scenario["segments"])

    def test_both_sides_pass_closing(self):
        events = json.loads(simulated("simultaneous-close", "--json").stdout)["events"]
        for who in ("us", "peer"):
            passed = [e["to"] for e in events if e["event"] == "state" and e["who"] == who]
            self.assertIn("CLOSING", passed, who)
            self.assertEqual(passed[-1], "TIME-WAIT", who)

    def test_lost_final_ack_in_three_ways(self):
        def resets(*words):
            events = json.loads(simulated("--json", *words).stdout)["events"]
            return [e["flags"] for e in events if e["event"] == "segment"
                    and e["dir"] == "out" and "R" in e["flags"]]
        self.assertEqual(resets("lost-final-ack"), [], "TIME-WAIT acknowledges")
        self.assertEqual(resets("no-time-wait"), ["R"], "CLOSED resets")
        self.assertEqual(resets("no-time-wait", "--mute"), [], "the textbook's client is silent")

    def test_time_wait_is_measured(self):
        ended = simulated("time-wait", "--long", "--json")
        self.assertEqual(ended.returncode, 0, ended.stdout[-500:])
        measured = json.loads(ended.stdout)["result"]["measurements"][0]
        self.assertEqual((measured["lasts_at_least"], measured["lasts_at_most"]), (238, 243))

    def test_exit_status(self):
        self.assertEqual(simulated("active-close", "--fault", "drop in #*", "--timeout", "3",
                                   "-q").returncode, 3)
        self.assertEqual(simulated("-l", "8080", "passive-close", "-q").returncode, 0)

    def test_a_loss_on_the_path_is_not_the_peers_fault(self):
        for scenario, fault in (("reset", "drop out R"), ("active-close", "drop out . #3"),
                                ("data-after-close", "drop out . #3")):
            ended = simulated(scenario, "--fault", fault, "--json")
            result = json.loads(ended.stdout)["result"]
            self.assertEqual(result["scenarios"][0]["verdict"], "conforms", result)
            self.assertEqual(ended.returncode, 0)

    def report(self, name):
        """What -o writes about a peer that no RST of ours ever reaches: by our own doing."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            ended = simulated("unread-data", "reset-in-window", "reset", "--fault", "drop out R #*",
                              "-o", path, "-q")
            self.assertEqual((ended.returncode, ended.stderr), (3, ""))
            return path.read_text(encoding="utf-8")

    def test_junit_tells_what_could_not_be_judged(self):
        suite = xml.etree.ElementTree.fromstring(self.report("x.xml")).find("testsuite")
        self.assertEqual([suite.get(key) for key in ("tests", "failures", "errors")],
                         ["3", "0", "1"])
        cases = {case.get("name"): case for case in suite.findall("testcase")}
        self.assertTrue(cases["unread-data"].find("system-out").text.startswith("conforms: "))
        self.assertTrue(cases["reset-in-window"].find("system-out").text.startswith(
            "permitted-deviation: "))
        self.assertEqual(cases["reset"].find("error").get("type"), "inconclusive")
        self.assertAlmostEqual(sum(float(case.get("time")) for case in cases.values()),
                               float(suite.get("time")), places=3)

    def test_tap_tells_what_could_not_be_judged(self):
        lines = self.report("x.tap").splitlines()
        self.assertEqual([line for line in lines if re.match(r"(not )?ok", line)],
                         ["ok 1 - unread-data", "ok 2 - reset-in-window", "not ok 3 - reset"])
        self.assertEqual([line.split()[1] for line in lines if "verdict:" in line],
                         ["conforms", "permitted-deviation", "inconclusive"])

    def test_a_corrupt_segment_is_no_answer(self):
        """MUST-3: what the state machine does not see, the judge does not see either."""
        ended = simulated("active-close", "--fault", "corrupt in F.", "--json", "--time-wait", "1s")
        document = json.loads(ended.stdout)
        self.assertEqual(document["result"]["scenarios"][0]["verdict"], "conforms")
        fins = [e["checksum"] for e in document["events"]
                if e["event"] == "segment" and e["dir"] == "in" and "F" in e["flags"]]
        self.assertEqual(fins, ["bad", "ok"])
        self.assertNotIn("R", "".join(e["flags"] for e in document["events"]
                                      if e["event"] == "segment" and e["dir"] == "out"))

    def test_what_the_deadline_cut_off_is_not_played(self):
        """In table, JSON and TAP; and silence that is our own is not the peer's."""
        words = ("--long", "active-close", "fin-wait-2-timeout", "reset", "--deadline", "1ms")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.tap"
            ended = simulated(*words, "--json", "-o", path)
            tap = path.read_text(encoding="utf-8")
        self.assertEqual(ended.returncode, 3, ended.stdout)
        told = {s["name"]: s for s in json.loads(ended.stdout)["result"]["scenarios"]}
        self.assertEqual(set(told), {"active-close", "fin-wait-2-timeout", "reset"})
        self.assertEqual({(s["verdict"], s["rule"]) for s in told.values()}, {("inconclusive", "")})
        self.assertEqual(told["active-close"]["text"], "the deadline of the run was over")
        for name in ("reset", "fin-wait-2-timeout"):
            self.assertEqual(told[name]["text"], "not played: the run was over before")
        self.assertEqual(len(re.findall("^not ok", tap, re.M)), 3, tap)
        rows = simulated(*words).stdout.splitlines()
        self.assertEqual(sorted(row.split()[0] for row in rows[:-1]), sorted(told))
        self.assertEqual(rows[-1].partition(" in ")[0], "3 inconclusive")

    def test_a_listener_to_whom_nobody_comes_has_not_played(self):
        ended = simulated("-l", "8080", "passive-close", "--accept", "2", "--json",
                          "--deadline", "60")
        result = json.loads(ended.stdout)["result"]
        self.assertEqual([s["verdict"] for s in result["scenarios"]], ["conforms", "inconclusive"])
        self.assertEqual(result["exit_status"], 3)

    def test_one_row_of_a_scenario_with_looks(self):
        rows = simulated("--long", "time-wait", "reset").stdout.splitlines()
        self.assertEqual(sorted(row.split()[0] for row in rows[:-1]), ["reset", "time-wait"])
        row = next(row for row in rows if row.startswith("time-wait"))
        self.assertEqual(row.split()[1], "permitted-deviation")

    def test_every_form_of_a_target(self):
        for words in (["::1", "8080"], ["[::1]", "8080"], ["[::1]:8080"], ["[::1]", "-p", "8080"]):
            ended = simulated("-6", *words, "reset", "-q")
            self.assertEqual((ended.returncode, ended.stderr), (0, ""), words)
        for words in (["[::1]:8080"], ["::1", "-p", "8080"]):
            self.assertIn("'resett' is no scenario", run(*words, "resett").stderr)

    def test_a_full_disk_is_told_with_the_status_behind_it(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.xml"
            path.symlink_to("/dev/full")
            ended = simulated("reset", "--fault", "drop out R #*", "-o", path, "-q")
            self.assertEqual(ended.returncode, 4)
            expected = (f"tcp-teardown: cannot write '{path}': No space left on device; "
                        "without that the exit status were 3\n")
            self.assertEqual(ended.stderr, expected)

    def test_lines_show_every_scenario(self):
        shown = simulated("reset", "lost-fin", "--lines")
        self.assertIn("reset", shown.stdout)
        self.assertIn("lost on purpose", shown.stdout)


if __name__ == "__main__":
    unittest.main()
