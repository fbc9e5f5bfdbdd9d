#!/usr/bin/env python3
"""A list of targets (--targets), with --simulate: its lines, its order, shards, pace, the end."""
import json
import os
import subprocess
import tempfile
import unittest

TOOL = os.path.join(os.environ["TCPCRAFT_TOOLS"], "tcp-keepalive")
LIST = """# both families, names, one twice
192.0.2.10:80
[2001:db8::10]:80   # IPv6

example.org:22
192.0.2.10 80
nobody.invalid:80
"""
TARGETS = ["192.0.2.10:80", "[2001:db8::10]:80", "example.org:22", "192.0.2.10 80",
           "nobody.invalid:80"]


def run(verb, *arguments, text=LIST):
    return subprocess.run([TOOL, verb, "--simulate", "--targets", "-", *arguments], text=True,
                          capture_output=True, timeout=60, input=text)


def lines(*arguments, **options):
    done = run(*arguments, "--json", **options)
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def many(count):
    return "".join(f"h{number}:80\n" for number in range(count))


class Results(unittest.TestCase):
    def test_each_target_has_a_line(self):
        for verb, word in (("probe", "alive"), ("learn", "keep-alive after 2 h")):
            done, found = lines(verb)
            self.assertEqual(done.returncode, 4, "the worst of all")
            by_name = {one["target"]: one for one in found}
            self.assertEqual((sorted(by_name), len(found)), (sorted(TARGETS), len(TARGETS)))
            for name in TARGETS[:-1]:
                self.assertEqual(by_name[name]["exit_status"], 0)
                self.assertIn(word, by_name[name]["summary"])
            lost = by_name["nobody.invalid:80"]
            self.assertEqual((lost["exit_status"], lost["address"], lost["connection"],
                              lost["line"]), (4, None, None, 7))
            self.assertIn("cannot resolve", lost["summary"])
            self.assertIn("4 learnt" if verb == "learn" else "4 answered", done.stderr)

    def test_a_result_has_what_that_of_one_target_has(self):
        for verb in ("probe", "learn"):
            alone = subprocess.run([TOOL, verb, "--simulate", "192.0.2.10:80", "--json"], text=True,
                                   capture_output=True, timeout=60, check=True)
            _, found = lines(verb, text="192.0.2.10:80\n")
            alone = json.loads(alone.stdout)["result"]
            self.assertEqual({key: found[0][key] for key in alone}, alone)

    def test_text(self):
        shown = run("probe").stdout.splitlines()
        self.assertEqual(sorted(line.split(": ")[0] for line in shown[:-1]), sorted(TARGETS))
        self.assertEqual(shown[-1], "5 targets in 2 h: 4 answered, 1 not to be reached")
        self.assertEqual(len(run("probe", "-q").stdout.splitlines()), 5)
        self.assertIn("[S]", run("probe", "--lines").stdout)

    def test_events_tell_the_progress_and_all_results_again(self):
        done = run("learn", "--json=events", text=many(3))
        events = [json.loads(line) for line in done.stdout.splitlines()]
        result = events[-1]
        self.assertEqual((result["event"], result["exit_status"], len(result["connections"])),
                         ("result", 0, 3))
        told = [event for event in events if event["event"] == "target"]
        self.assertEqual([{k: one[k] for k in one if k not in ("t", "event")} for one in told],
                         result["connections"])
        progress = [event for event in events if event["event"] == "progress"]
        self.assertTrue(progress)
        self.assertEqual({event["total"] for event in progress}, {3})
        for event in events:
            if event["event"] == "verdict":
                self.assertEqual({events[index]["event"] for index in event["segments"]},
                                 {"segment"})

    def test_a_name_that_is_no_utf_8(self):
        for verb in ("probe", "learn"):
            for words in ((), ("--json",), ("--json=events",)):
                done = subprocess.run(
                    [TOOL, verb, "--targets", "-", *words], capture_output=True, timeout=60,
                    input=b"b\xe9b.invalid:80\n", check=False)
                self.assertEqual(done.returncode, 4, done)
                self.assertIn(b"cannot resolve b", done.stdout)
                for line in done.stdout.splitlines() if words else ():
                    self.assertIsInstance(json.loads(line.decode()), dict)

    def test_the_family_that_is_wanted(self):
        done, found = lines("probe", "-6", text="example.org:22\n")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(found[0]["address"].startswith("[2001:db8:"))
        self.assertIn("standard input:1",
                      run("probe", "-6", text="192.0.2.1:80\n").stderr)

    def test_the_deadline_names_what_was_not_tried(self):
        done, found = lines("learn", "--rate", "1", "--deadline", "10", text=many(30))
        self.assertEqual((done.returncode, len(found)), (3, 30))
        untried = [one for one in found if not one["tried"]]
        self.assertTrue(18 <= len(untried) <= 21, len(untried))
        self.assertTrue(all("deadline" in one["summary"] for one in untried))
        self.assertIn("not tried", done.stderr)


    def test_a_dry_run_shows_who_would_be_asked(self):
        done = run("probe", "--dry-run", text="192.0.2.10:80\n[2001:db8::10]:80\n192.0.2.10:80\n")
        self.assertEqual(done.returncode, 0)
        self.assertEqual([line.rpartition(" > ")[2] for line in done.stdout.splitlines()[:3]],
                         ["192.0.2.10:80", "[2001:db8::10]:80", "192.0.2.10:80"])
        self.assertIn("nothing was sent", done.stdout)


class Pace(unittest.TestCase):
    @staticmethod
    def begun(*arguments, count):
        done = run("probe", "--json=events", "--idle", "5", *arguments, text=many(count))
        events = [json.loads(line) for line in done.stdout.splitlines()]
        syns = [event["t"] for event in events if event.get("flags") == "S"]
        assert len(syns) == count, done
        return syns, events

    def test_a_polite_rate_by_default(self):
        syns, _ = self.begun(count=21)
        self.assertAlmostEqual(syns[-1] - syns[0], 2.0, delta=0.04)

    def test_the_rate_holds(self):
        for words, length in ((("--rate", "50/s"), 2.0), (("--rate", "30/m"), 200.0)):
            syns, _ = self.begun(*words, count=101)
            self.assertAlmostEqual((syns[-1] - syns[0]) / length, 1, delta=0.02)

    def test_no_more_at_once_than_wanted(self):
        _, events = self.begun("--in-flight", "3", "--rate", "1000", count=12)
        open_now, most = 0, 0
        for event in events:
            open_now += (event.get("flags") == "S") - (event["event"] == "target")
            most = max(most, open_now)
        self.assertEqual(most, 3)


class Shards(unittest.TestCase):
    def test_together_they_are_the_whole(self):
        text = many(11)
        parts = [lines("probe", "--shard", f"{index}/4", text=text)[1] for index in range(1, 5)]
        self.assertEqual([len(part) for part in parts], [3, 3, 3, 2])
        self.assertEqual(sorted(one["line"] for part in parts for one in part),
                         list(range(1, 12)))

    def test_more_of_them_than_targets(self):
        done, found = lines("probe", "--shard", "3/3", text="one:80\n")
        self.assertEqual((done.returncode, found), (0, []))


class Mistakes(unittest.TestCase):
    def test_a_bad_line_is_named_before_anything_is_sent(self):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("good:80\nbad\nhttp://bad/\n")
            file.flush()
            done = subprocess.run([TOOL, "probe", "--simulate", "--targets", file.name, "--json"],
                                  text=True, capture_output=True, timeout=60, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(f"{file.name}:2: no port", done.stderr)
            self.assertIn(f"{file.name}:3: ", done.stderr)

    def test_what_does_not_fit(self):
        for words, said in ((["--shard", "0/3"], "1/N"), (["--rate", "0"], "rate"),
                            (["--in-flight", "0"], "--in-flight"), (["one:80"], "one target"),
                            (["-l", "80"], "-l"), (["--explain"], "--explain"),
                            (["--show-tcb"], "--show-tcb")):
            done = run("learn", *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn(said, done.stderr, words)
        alone = subprocess.run([TOOL, "learn", "--simulate", "--rate", "3"], text=True,
                               capture_output=True, timeout=60, check=False)
        self.assertEqual(alone.returncode, 2)
        self.assertIn("--targets", alone.stderr)

    def test_no_such_file(self):
        done = subprocess.run([TOOL, "learn", "--simulate", "--targets", "/no/such/list"],
                              text=True, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("/no/such/list", done.stderr)


if __name__ == "__main__":
    unittest.main()
