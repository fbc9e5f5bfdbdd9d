#!/usr/bin/env python3
"""tcp-keepalive as it is called, with --simulate: verbs, words, JSON, exit status."""
import json
import os
import subprocess
import tempfile
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
                            (("probe", "--simulate", "--count", "0"),
                             "--count: '0' is not a number from 1 to 255"),
                            (("probe", "--simulate", "--count", "abc"),
                             "--count: 'abc' is not a number from 1 to 255"),
                            (("probe", "--simulate", "--answers", "0"),
                             "--answers: '0' is not a number from 1"),
                            (("probe", "--simulate", "--idle", "soon"), "--idle: 'soon'"),
                            (("learn", "--simulate", "--expect", "idle"), "idle"),
                            (("learn", "--simulate", "--expect", "speed=3"), "interval"),
                            (("probe", "--simulate=SC-1"), "tcp-handshake"),
                            (("learn", "--simulate=SC-9b"), "probe --simulate=SC-9b"),
                            (("idle", "--simulate=list"), "probe --simulate=list"),
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


def cells(found):
    return {(c["situation"], c["form"]): c for c in found["cells"]}


class Matrix(unittest.TestCase):
    KEYS = ["situation", "form", "peer_state", "answer", "delay", "verdict", "rule", "text",
            "segments"]

    def test_every_form_in_every_situation(self):
        for words in ((), ("-6",), ("-l", "8080"), ("-6", "-l", "8080")):
            found = result("probe", "--matrix", "--simulate", *words)
            self.assertEqual((found["exit_status"], found["alive"], found["ending"]),
                             (0, True, "answered"))
            self.assertEqual(len(cells(found)), 32)
            for cell in found["cells"]:
                self.assertEqual(list(cell), self.KEYS)
                self.assertEqual(cell["verdict"], "conforms", cell)
            self.assertEqual(cells(found)["gone", "plain-ack"]["answer"], "RST")
            self.assertEqual(cells(found)["time-wait", "octet"]["peer_state"], "TIME-WAIT")
            self.assertEqual(cells(found)["half-closed", "octet"]["peer_state"], "CLOSE-WAIT")
            self.assertIn("nothing of its application", found["warning"])

    def test_the_table_for_people(self):
        done = run("probe", "--matrix", "--simulate")
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0].split()[0], "probe")
        self.assertEqual([line for line in lines[:11] if len(line) > 80], [])
        self.assertEqual(lines[1].split()[2:], ["ACK", "ok", "ACK", "ok", "ACK", "ok", "RST", "ok"])
        self.assertIn("nothing of its application", done.stdout)

    def test_without_timestamps_some_do_not_apply(self):
        found = result("probe", "--matrix", "--simulate", "--no-timestamps")
        self.assertEqual(found["exit_status"], 0)
        for (_, form), cell in cells(found).items():
            self.assertEqual(cell["verdict"] == "not-applicable", "timestamp" in form, cell)

    def test_where_nothing_comes_back(self):
        found = result("probe", "--matrix", "--simulate", "--fault", "drop in S. #*")
        self.assertEqual((found["exit_status"], found["alive"], found["ending"]), (3, None, None))
        self.assertEqual({c["verdict"] for c in found["cells"]}, {"no-answer"})

    def test_nothing_is_sent_in_a_dry_run(self):
        done = run("probe", "--matrix", "--simulate", "--dry-run")
        self.assertEqual(done.returncode, 0)
        self.assertIn("nothing was sent", done.stdout)

    def test_a_case_for_each_field(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, begins in (("m.tap", "TAP version 13"), ("m.xml", "<?xml")):
                file = os.path.join(folder, name)
                done = run("probe", "--matrix", "--simulate", "-o", file)
                self.assertEqual(done.returncode, 0)
                with open(file, encoding="utf-8") as written:
                    text = written.read()
                self.assertTrue(text.startswith(begins))
                self.assertEqual(text.count("time-wait/"), 8)

    def test_usage(self):
        for words, said in ((("--matrix", "--idle", "3"), "--idle"),
                            (("--patience", "3"), "--matrix")):
            done = run("probe", "--simulate", *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn(said, done.stderr)


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

    def test_what_is_not_known_contradicts_nothing(self):
        lost = ("learn", "--simulate", "--fault", "drop in . #3+")
        found = result(*lost)
        self.assertEqual((found["exit_status"], found["probes"]), (3, None))
        self.assertIn("gone", found["summary"])
        for wanted, status in (("count=3", 3), ("idle=2h,count=3", 3), ("idle=1h,count=3", 1)):
            self.assertEqual(result(*lost, "--expect", wanted)["exit_status"], status, wanted)

    def test_the_summary_names_the_profile(self):
        self.assertIn("the defaults of Linux", result("learn", "--simulate")["summary"])

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
