#!/usr/bin/env python3
"""tcp-script as it is called: scripts with mistakes, roles, dry runs, and runs in virtual time."""
import json
import os
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

TOOLS = os.environ["TCPCRAFT_TOOLS"]
SCRIPTS = Path(__file__).resolve().parents[2] / "docs" / "scripts"

OPENS = """+0 < S 0:0(0) win 65535 <mss 1460>
+0 > S. 0:0(0) ack 1 <...>
+0 < . 1:1(0) ack 1 win 65535
"""
CLOSES = """+.1 < F. 1:1(0) ack 1 win 65535
+0 > . 1:1(0) ack 2
+0 close(4) = 0
+0 > F. 1:1(0) ack 2
+0 < . 2:2(0) ack 2 win 65535
"""


def run(*arguments):
    return subprocess.run([os.path.join(TOOLS, "tcp-script"), *map(str, arguments)], text=True,
                          errors="replace", capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def script(self, text, name="a.pkt"):
        path = Path(self.folder.name) / name
        path.write_text(text)
        return path

    def simulate(self, text, *words):
        """A run against the simulated peer: (CompletedProcess, its JSON result)."""
        done = run("192.0.2.2:80", self.script(text), "--simulate", "--json", *words)
        self.assertNotEqual(done.returncode, 2, done.stderr)
        result = json.loads(done.stdout)["result"]
        self.assertEqual(result["exit_status"], done.returncode)
        return done, result


class Usage(Case):
    def test_help_fits_a_screen(self):
        page = run("--help")
        self.assertEqual((page.returncode, page.stderr), (0, ""))
        self.assertLessEqual(len(page.stdout.splitlines()), 46)
        self.assertEqual([line for line in page.stdout.splitlines() if len(line) > 80], [])

    def test_mistakes_of_the_command_line(self):
        good = self.script(OPENS)
        for words in ([], ["192.0.2.2:80"], ["192.0.2.2:80", good, "--slow", "0"],
                      ["192.0.2.2:80", good, "--tolerance", "x"],
                      ["192.0.2.2:80", good, "--define", "X"],
                      ["192.0.2.2:80", good, "--define"]):
            done = run(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertTrue(done.stderr.startswith("tcp-script: "), done.stderr)

    def test_roles(self):
        client, server = self.script(OPENS, "c"), self.script("+0 > S 0:0(0)\n", "s")
        done = run("192.0.2.2:80", server, "--simulate")
        self.assertEqual(done.returncode, 2)
        self.assertIn("listen with -l PORT", done.stderr)
        done = run("-l", "80", client, "--simulate")
        self.assertEqual(done.returncode, 2)
        self.assertIn("name a TARGET", done.stderr)


class BadScripts(Case):
    MISTAKES = ["", "+0 < S 0:0(0)", "+0 > Q 0:0(0)", "+0 < S 0:5(0) win 1", "--nonsense\n",
                "+0 > S 0:0(0) <mss>", "/* no end", "+0 close(3", "+0 > udp (5)",
                "+0 < icmp nonsense nonsense\n+0 < S 0:0(0) win 1", "+0 close(3) = 0",
                "+0 > icmp unreachable\n+0 < S 0:0(0) win 1",
                "+0 < 1 > 2 S 0:0(0) win 1\n+0 > 2 > 3 R 0:0(0)"]

    def test_one_sentence_and_nothing_sent(self):
        for text in self.MISTAKES:
            with self.subTest(script=text):
                path = self.script(text)
                done = run("192.0.2.2:80", path, "--simulate", "--json")
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertTrue(done.stderr.startswith(f"{path}:"), done.stderr)

    def test_two_hundred_in_one_run(self):
        lines = ["0.1~0.2 > S. 0:0(0) ack 1 win 5 <mss 1460,nop,sackOK,TS val 1 ecr 2>",
                 "+0 < [ect0] 80 > 8080 P. 1:1001(1000) ack 1 win 257 urg 1 <nop,nop,sack 1:2>",
                 "+0 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)]",
                 "+0 connect(3, {sa_family=AF_INET, sin_port=htons(80)}, 16) = -1 EINPROGRESS"]
        places = [(line, at) for line in lines for at in range(0, len(line) + 1)]
        files = [self.script(f"// {i}\n{line[:at]}@{line[at:]}\n" + OPENS, f"{i}.pkt")
                 for i, (line, at) in enumerate(places)]
        self.assertGreater(len(files), 200)
        done = run("192.0.2.2:80", self.script(OPENS, "good"), *files, "--simulate", "--json")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        said = done.stderr.splitlines()
        self.assertEqual(len(said), len(files))
        for text, file, (_, at) in zip(said, files, places):
            found = re.fullmatch(rf"{re.escape(str(file))}:2:(\d+): .+", text)
            self.assertIsNotNone(found, text)
            self.assertLessEqual(int(found[1]), at + 1, text)

    def test_place(self):
        path = self.script(OPENS + "+0 > F. 1:1(0) ack x\n")
        done = run("192.0.2.2:80", path, "--simulate")
        self.assertEqual(done.stderr, f"{path}:4:20: wanted a number, got 'x'\n")

    def test_commands_are_refused_unless_allowed(self):
        for text, place in (("`ls`\n" + OPENS, "1:1"), (OPENS + "+0 `ls`\n", "4:4"),
                            (OPENS + "  `ls`\n", "4:3")):
            path = self.script(text)
            done = run("--sut-netns", "nowhere", path)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (2, "",
                f"{path}:{place}: a command is refused unless --allow-code is given\n"))
            self.assertEqual(run("--sut-netns", "nowhere", path, "--dry-run",
                                 "--allow-code").returncode, 0)
            self.assertEqual(run("192.0.2.2:80", path, "--simulate").returncode, 0,
                             "a host elsewhere runs none")

    def test_every_bad_file_is_named(self):
        files = [self.script("x", name) for name in ("one", "two")]
        done = run("192.0.2.2:80", *files, "--simulate")
        self.assertEqual(len(done.stderr.splitlines()), 2, done.stderr)

    def test_a_file_that_is_not_there(self):
        done = run("192.0.2.2:80", "/nonexistent.pkt", "--simulate")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nonexistent.pkt: cannot be read: No such file", done.stderr)
        self.assertEqual(run("192.0.2.2:80", self.folder.name, "--simulate").returncode, 2)


class Simulated(Case):
    def test_a_script_that_passes(self):
        done, result = self.simulate(OPENS + CLOSES)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(result["scripts"], [{
            "file": str(Path(self.folder.name) / "a.pkt"), "passed": True, "failed_line": None,
            "expected": None, "got": None, "text": None, "differences": []}])

    def test_a_field_that_differs(self):
        done, result = self.simulate(OPENS + "+.1 < F. 1:1(0) ack 1 win 1\n+0 > . 7:7(0) ack 9\n")
        self.assertEqual(done.returncode, 1)
        script = result["scripts"][0]
        self.assertEqual(script["failed_line"], 5)
        self.assertEqual(script["expected"], "> . 7:7(0) ack 9")
        self.assertEqual(script["got"], "> . 1:1(0) ack 2 win 65535")
        self.assertEqual(script["differences"], [
            {"field": "seq", "expected": "7", "got": "1"},
            {"field": "ack", "expected": "9", "got": "2"}])

    def test_nothing_comes(self):
        done, result = self.simulate(OPENS + "+0 > F. 1:1(0) ack 1\n")
        self.assertEqual(done.returncode, 3)
        self.assertEqual(result["scripts"][0]["got"], "nothing")

    def test_time(self):
        late = OPENS + "+0 < F. 1:1(0) ack 1 win 9\n+1 > . 1:1(0) ack 2\n"
        done, result = self.simulate(late)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(result["scripts"][0]["differences"][0]["field"], "time")
        self.assertEqual(self.simulate(late, "--slow", "50")[0].returncode, 0)
        self.assertEqual(self.simulate(late, "--tolerance", "2s")[0].returncode, 0)

    def test_values(self):
        text = OPENS.replace("<...>", "<mss 536>")
        self.assertEqual(self.simulate(text)[0].returncode, 0, "kinds alone are alike")
        done, result = self.simulate(text, "--values")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(result["scripts"][0]["differences"][0]["field"], "options")

    def test_what_must_not_come(self):
        ends = OPENS + "+.1 < F. 1:1(0) ack 1 win 9\n"
        self.assertEqual(self.simulate(ends + "+.1 ~> R\n")[0].returncode, 0)
        for unwanted in ("+.1 ~> .\n", "+.1 ~> *\n", "+.1 ~> . 1:1(0) ack 2\n"):
            done, result = self.simulate(ends + unwanted)
            self.assertEqual(done.returncode, 1, unwanted)
            self.assertEqual(result["scripts"][0]["failed_line"], 5)

    def test_extensions(self):
        done, _ = self.simulate(OPENS + '+0 < P. *:*(3) ack * win 9 "abc"\n+0~+1 > . *:*(0) ack 4\n'
                                "+0 < R. 4:4(0) ack 1 win 0\n")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_defines(self):
        done, _ = self.simulate(OPENS + "+0 < P. 1:4(LEN) ack 1 win 9\n+0~+1 > . 1:1(0) ack 4\n",
                                "--define", "LEN=3")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_several_scripts(self):
        good, bad = self.script(OPENS, "good"), self.script(OPENS + "+0 > R 0:0(0)\n", "bad")
        done = run("192.0.2.2:80", good, bad, good, "--simulate", "--json")
        result = json.loads(done.stdout)["result"]
        self.assertEqual([s["passed"] for s in result["scripts"]], [True, False, True])
        self.assertEqual(done.returncode, 3)
        self.assertEqual(result["summary"], "2 of 3 scripts passed")

    def report(self, name, *words):
        """What -o writes about a script that passes, one that gets nothing, and one that differs."""
        files = [self.script(OPENS, "good"), self.script(OPENS + "+0 > R 0:0(0)\n", "silent"),
                 self.script(OPENS + "+.1 < F. 1:1(0) ack 1 win 1\n+0 > . 7:7(0) ack 9\n", "bad")]
        path = Path(self.folder.name) / name
        done = run("192.0.2.2:80", *files, "--simulate", "-o", path, *words)
        return done, files, path

    def test_junit(self):
        done, files, path = self.report("x.xml")
        self.assertEqual(done.returncode, 1, done.stderr)
        suite = xml.etree.ElementTree.parse(path).getroot().find("testsuite")
        self.assertEqual({key: suite.get(key) for key in ("name", "tests", "failures", "errors")},
                         {"name": "tcp-script 192.0.2.2:80", "tests": "3", "failures": "1",
                          "errors": "1"})
        cases = suite.findall("testcase")
        self.assertEqual([case.get("name") for case in cases], [str(file) for file in files])
        self.assertIn("as-expected: 2 sent, 1 came", cases[0].find("system-out").text)
        self.assertEqual(cases[1].find("error").get("type"), "no-answer")
        failure = cases[2].find("failure")
        self.assertEqual(failure.get("type"), "differs")
        self.assertEqual(failure.get("message"),
                         f"{files[2]}:5: seq: expected 7, got 1; ack: expected 9, got 2")
        self.assertIn("expected  > . 7:7(0) ack 9\ngot       > . 1:1(0) ack 2", failure.text)

    def test_tap(self):
        done, files, path = self.report("x.tap")
        self.assertEqual(done.returncode, 1, done.stderr)
        lines = path.read_text().splitlines()
        self.assertEqual(lines[:3], ["TAP version 13", "1..3", "# tcp-script 192.0.2.2:80"])
        self.assertEqual([line for line in lines if "ok " in line],
                         [f"ok 1 - {files[0]}", f"not ok 2 - {files[1]}", f"not ok 3 - {files[2]}"])
        self.assertIn("  verdict: differs", lines)

    def test_a_report_counts_scripts_that_were_not_come_to(self):
        done, _, path = self.report("x.tap", "--deadline", "1ms")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(path.read_text().count("verdict: not-played"), 2)

    def test_the_deadline_is_that_of_the_script_that_is_played_then(self):
        silent = self.script(OPENS + "+0 > R 0:0(0)\n", "silent")
        done = run("192.0.2.2:80", self.script(OPENS, "good"), silent, "--simulate", "--json",
                   "--deadline", "5s")
        self.assertEqual((done.returncode, done.stderr), (3, ""))
        scripts = json.loads(done.stdout)["result"]["scripts"]
        self.assertEqual([script["text"] for script in scripts],
                         [None, "the deadline of the run is over"])

    def test_a_report_that_cannot_be_written(self):
        for name, status in (("x.pdf", 2), ("nowhere/x.tap", 4)):
            done, _, _ = self.report(name)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_a_report_is_xml_whatever_a_file_is_called(self):
        for name in ("x.xml", "x.tap"):
            path = Path(self.folder.name) / name
            done = run("192.0.2.2:80", self.script(OPENS, "a\udcff # SKIP.pkt"), "--simulate", "-o",
                       path)
            self.assertEqual(done.returncode, 0, done.stderr)
            text = path.read_text(encoding="utf-8")
            if name == "x.xml":
                case = xml.etree.ElementTree.fromstring(text).find("testsuite/testcase")
                self.assertTrue(case.get("name").endswith("/a\ufffd # SKIP.pkt"))
            else:
                self.assertIn("/a\ufffd \\# SKIP.pkt\n", text)

    def test_a_full_disk_is_told(self):
        path = Path(self.folder.name) / "x.tap"
        path.symlink_to("/dev/full")
        done = run("192.0.2.2:80", self.script(OPENS), "--simulate", "-o", path)
        self.assertEqual(done.returncode, 4)
        self.assertIn(f"cannot write '{path}': No space left on device", done.stderr)

    def test_host_and_port_in_two_words(self):
        for words in (["2001:db8::2", "80"], ["[2001:db8::2]", "80"], ["[2001:db8::2]:80"]):
            done = run(*words, self.script(OPENS), "--simulate", "-6")
            self.assertEqual(done.returncode, 0, str(words) + done.stdout + done.stderr)

    def test_server_role(self):
        done = run("-l", "8080", SCRIPTS / "server-close.pkt", "--simulate")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("LISTEN", done.stdout)
        self.assertIn("the peer's application must now: close(3) = 0", done.stdout)

    def test_a_failure_shows_the_dialogue_and_the_fields(self):
        path = self.script(OPENS + "+0 < F. 1:1(0) ack 1 win 9\n+0 > R. 1:1(0) ack 2\n")
        done = run("192.0.2.2:80", path, "--simulate")
        self.assertIn(f"FAIL {path}:5: flags: expected R., got .", done.stdout)
        self.assertIn("  expected  > R. 1:1(0) ack 2", done.stdout)
        self.assertIn("  got       > . 1:1(0) ack 2 win 65535", done.stdout)
        self.assertIn("SYN-SENT", done.stdout.split("FAIL")[0])

    def test_one_that_the_fault_rules_lose(self):
        done, _ = self.simulate(OPENS, "--fault", "drop in S.", "--timeout", "200ms")
        self.assertEqual(done.returncode, 3, done.stdout)

    def test_dry_run_sends_nothing(self):
        done = run("192.0.2.2:80", self.script(OPENS), "--simulate", "--dry-run", "--json")
        document = json.loads(done.stdout)
        self.assertEqual((done.returncode, document["events"]), (0, []))

    def test_scripts_that_come_with_the_documentation(self):
        clients = [f for f in sorted(SCRIPTS.glob("*.pkt")) if not f.name.startswith("server")]
        self.assertTrue(clients)
        for file in clients:
            done = run("192.0.2.2:80", file, "--simulate", "--dry-run")
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
