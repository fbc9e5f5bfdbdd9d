"""tcp-keepalive serve as people and scripts call it, in virtual time."""

import json
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOL = Path(os.environ["TCPCRAFT_TOOLS"]) / "tcp-keepalive"
TEXTBOOK = 2 * 3600 + 10 * 75


def serve(*words):
    return subprocess.run([TOOL, "serve", *words], capture_output=True, text=True, timeout=120,
                          check=False)


def events(*words):
    done = serve("--simulate", "--json=events", *words)
    return [json.loads(line) for line in done.stdout.splitlines()], done


class Simulated(unittest.TestCase):
    def test_a_crowd_in_both_families(self):
        for family in ("-4", "-6"):
            told, done = events(family, "--clients", "60", "--seed", "3")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual((told[0]["event"], told[-1]["event"]), ("serving", "result"))
            self.assertEqual((told[0]["idle"], told[0]["interval"], told[0]["count"]),
                             (7200, 75, 10))
            clients = told[-1]["clients"]
            self.assertEqual(clients["connected"], 60)
            self.assertEqual(sum(clients[end] for end in ("closed", "reset", "restarted", "dead",
                                                          "ended")), 60)
            for end in ("closed", "reset", "restarted", "dead", "ended"):
                self.assertGreater(clients[end], 0, end)
            dead = [e for e in told if e.get("change") == "dead"]
            self.assertEqual(len(dead), clients["dead"])
            for event in dead:
                if "3.8.4" in event["rule"]:
                    self.assertEqual((event["silence"], event["probes"]), (TEXTBOOK, 10))

    def test_equal_seeds_give_equal_runs(self):
        def told(seed):
            return [(e["t"], e["remote"], e["change"])
                    for e in events("--clients", "20", "--seed", seed)[0] if e["event"] == "client"]
        self.assertEqual(told("5"), told("5"))
        self.assertNotEqual(told("5"), told("6"))

    def test_own_times(self):
        told, _ = events("--idle", "10m", "--interval", "30", "--count", "2", "--clients", "40")
        dead = [e for e in told if e.get("change") == "dead" and e["probes"]]
        self.assertEqual({e["silence"] for e in dead}, {660.0})

    def test_discard(self):
        told, _ = events("--discard", "--clients", "20")
        self.assertGreater(told[-1]["octets_in"], 0)
        self.assertEqual(told[-1]["octets_out"], 0)

    def test_one_too_many(self):
        told, _ = events("--clients", "20", "--max-clients", "4", "--for", "2h")
        self.assertGreater(told[-1]["clients"]["refused"], 0)
        self.assertEqual(told[-1]["clients"]["most_at_once"], 4)

    def test_for_ends_it_in_order(self):
        told, done = events("--clients", "10", "--for", "50m")
        self.assertEqual(done.returncode, 0)
        ended = [e for e in told if e.get("change") == "ended"]
        self.assertTrue(ended)
        self.assertIn("TIME-WAIT", {e["state"] for e in ended})
        self.assertEqual(told[-1]["t"], ended[-1]["t"])

    def test_nobody_came(self):
        told, done = events("--clients", "1", "--for", "1ms")
        self.assertEqual((done.returncode, told[-1]["exit_status"]), (3, 3))
        self.assertEqual(told[-1]["summary"], "nobody came")

    def test_thousands_are_told_in_few_lines(self):
        done = serve("--simulate", "--clients", "1000", "--for", "3h")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1000  connected", done.stdout)
        self.assertIn("and more:", done.stdout, "a farewell to thousands at once")

    def test_document(self):
        done = serve("--simulate", "--clients", "10", "--json")
        document = json.loads(done.stdout)
        self.assertEqual(document["result"]["events_left_out"], 0)
        self.assertEqual(document["events"][0]["event"], "serving")
        self.assertEqual(document["result"]["exit_status"], 0)

    def test_segments_on_demand(self):
        told, _ = events("--clients", "3", "-v", "--for", "1h")
        self.assertTrue([e for e in told if e["event"] == "segment"])
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "all.pcapng"
            done = serve("--simulate", "--clients", "3", "--for", "1h", "-w", str(file))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertGreater(file.stat().st_size, 1000)
        done = serve("--simulate", "--clients", "2", "--lines", "--for", "1h")
        self.assertIn("S.", done.stdout)

    def test_quiet(self):
        done = serve("--simulate", "--clients", "10", "-q")
        self.assertEqual(len(done.stdout.splitlines()), 1, done.stdout)
        self.assertIn("10 came", done.stdout)


class Command(unittest.TestCase):
    def test_wrong(self):
        for words, said in (((), "which port"), (("80", "81"), "one port"), (("eighty",), "eighty"),
                            (("80", "--interval", "0.5"), "600ms"), (("80", "--count", "0"), "1 to"),
                            (("80", "--idle", "0"), "600ms"),
                            (("80", "--simulate=SC-9a"), "no scenario"),
                            (("80", "--echo", "--discard"), "--echo"),
                            (("80", "--clients", "5"), "--simulate"),
                            (("80", "-l", "81"), "-l"), (("80", "--max-clients", "x"), "'x'")):
            done = serve(*words)
            self.assertEqual(done.returncode, 2, (words, done))
            self.assertIn(said, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_help_has_examples(self):
        done = serve("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("tcp-keepalive serve 8080", done.stdout)
        self.assertLessEqual(max(len(line) for line in done.stdout.splitlines()), 80)
        self.assertLessEqual(len(done.stdout.splitlines()), 45)

    def test_dry_run(self):
        done = serve("--simulate", "--dry-run")
        self.assertEqual(done.returncode, 0)
        self.assertIn("nothing was sent", done.stdout)

    def test_interrupted(self):
        run = subprocess.Popen([TOOL, "serve", "--simulate", "--clients", "20000", "--json=events",
                                "--idle", "1m"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(run.wait)
        run.stdout.readline()
        run.send_signal(signal.SIGINT)
        last = run.stdout.readlines()[-1]
        run.stdout.close()
        self.assertEqual(run.wait(120), 130)
        self.assertEqual(json.loads(last)["exit_status"], 130)


if __name__ == "__main__":
    unittest.main()
