#!/usr/bin/env python3
"""tcp-keepalive as it is called, with --simulate: verbs, words, JSON, exit status."""
import json
import os
import subprocess
import unittest

TOOL = os.path.join(os.environ["TCPCRAFT_TOOLS"], "tcp-keepalive")


def run(*arguments):
    return subprocess.run([TOOL, *arguments], text=True, capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL)


def result(*arguments):
    done = run(*arguments, "--json")
    found = json.loads(done.stdout)["result"]
    assert found["exit_status"] == done.returncode, done
    return found


class Words(unittest.TestCase):
    def test_help_fits_a_screen(self):
        for verb in ((), ("probe",), ("learn",), ("idle",)):
            page = run(*verb, "--help")
            self.assertEqual((page.returncode, page.stderr), (0, ""))
            lines = page.stdout.splitlines()
            self.assertLessEqual(len(lines), 50)
            self.assertEqual([line for line in lines if len(line) > 80], [])

    def test_usage_errors_say_what_would_do(self):
        for words, said in (((), "say what to do"),
                            (("prob",), "unknown command"),
                            (("probe", "--simulate", "--interval", "100ms"), "600ms"),
                            (("probe", "--simulate", "--count", "0"), "--count"),
                            (("learn", "--simulate", "--expect", "idle"), "idle"),
                            (("learn", "--simulate", "--expect", "speed=3"), "interval"),
                            (("probe", "--simulate=SC-1"), "tcp-handshake"),
                            (("probe",), "target")):
            done = run(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn(said, done.stderr, words)


class Probe(unittest.TestCase):
    def test_two_hours_pass_and_it_is_answered(self):
        for family in ("-4", "-6"):
            found = result("probe", "--simulate", family)
            self.assertEqual((found["exit_status"], found["answered"], found["alive"],
                              found["sent"], found["ending"]), (0, True, True, 1, "answered"))

    def test_both_readings_of_ten_are_told(self):
        shown = run("probe", "--simulate").stdout
        self.assertIn("10 probes in all", shown)
        self.assertIn("one probe and 10 more", shown)

    def test_dead_after_the_last_interval(self):
        found = result("probe", "--simulate", "--fault", "drop in . #*", "--idle", "1m",
                       "--interval", "5", "--count", "4")
        self.assertEqual((found["exit_status"], found["answered"], found["alive"], found["sent"],
                          found["ending"], found["dead_after"]),
                         (3, False, None, 4, "silent", 80.0))

    def test_one_lost_probe_kills_nobody(self):
        found = result("probe", "--simulate", "--fault", "drop out . #2", "--idle", "10")
        self.assertEqual((found["exit_status"], found["sent"]), (0, 2))

    def test_as_the_server(self):
        self.assertEqual(result("probe", "--simulate", "-l", "8080")["answered"], True)

    def test_the_textbook(self):
        for scenario in ("SC-9a", "SC-9b", "SC-9c"):
            self.assertEqual(run("probe", f"--simulate={scenario}").returncode, 0, scenario)


class Learn(unittest.TestCase):
    def test_recognizes_linux(self):
        for words in ((), ("-6",), ("-l", "8080")):
            found = result("learn", "--simulate", *words)
            self.assertEqual((found["idle"], found["interval"], found["probes"],
                              found["profile"]), (7200, 75, 9, "Linux"), words)
            self.assertEqual(found["probe_form"],
                             {"len": 0, "seq_offset": -1, "timestamps": True})

    def test_what_is_expected(self):
        for wanted, status in (("idle=2h,interval=75s,count=9", 0), ("idle=2h", 0),
                               ("count=8", 1), ("idle=1h", 1), ("interval=70", 1)):
            found = result("learn", "--simulate", "--expect", wanted)
            self.assertEqual(found["exit_status"], status, wanted)
            self.assertEqual("not as expected" in found["summary"], status == 1, found)

    def test_answers_some(self):
        found = result("learn", "--simulate", "--answer", "2")
        self.assertEqual((found["seen"], found["probes"], found["idle"]), (11, 9, 7200))

    def test_none_within_the_patience(self):
        found = result("learn", "--simulate", "--patience", "1h")
        self.assertEqual((found["exit_status"], found["idle"], found["probes"],
                          found["probe_form"]), (3, None, None, None))
        self.assertIn("no keep-alive within 1 h", found["summary"])


if __name__ == "__main__":
    unittest.main()
