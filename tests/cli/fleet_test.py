#!/usr/bin/env python3
"""tcp-handshake with many targets, with --simulate; and the examples of docs/fleets.md as they stand."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(os.environ["TCPCRAFT_TOOLS"])
TOOL = TOOLS / "tcp-handshake"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "fleets.md"


def run(*words, text=None):
    return subprocess.run([TOOL, "--simulate", *map(str, words)], text=True, capture_output=True,
                          timeout=60, input=text, check=False)


def many(count):
    return "".join(f"h{number}.example:80\n" for number in range(count))


def lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


class Results(unittest.TestCase):
    def test_a_line_has_what_a_single_result_has(self):
        for family in ("192.0.2.10:80", "[2001:db8::10]:80"):
            single = json.loads(run(family, "--json").stdout)["result"]
            one, = lines(run("--targets", "-", "--json", text=family))
            self.assertLessEqual(set(single), set(one))
            drawn = ("isn", "peer_isn")
            self.assertEqual({key: one[key] for key in single if key not in drawn},
                             {key: single[key] for key in single if key not in drawn})
            self.assertEqual((one["outcome"], one["syns"], one["line"]), ("established", 1, 1))

    def test_untried_and_unreachable_have_all_keys_too(self):
        done = run("--targets", "-", "--json", "--rate", 1, "--deadline", 3,
                   text=many(9) + "nobody.invalid:80\n")
        found = lines(done)
        self.assertEqual((done.returncode, len(found)), (4, 10))
        self.assertEqual(len({frozenset(one) for one in found}), 1, "the same keys")
        self.assertIn("1 not to be reached", done.stderr)
        self.assertRegex(done.stderr, "[3-5] established.* [4-6] not tried")

    def test_the_result_of_events_counts(self):
        events = lines(run("192.0.2.1:80", "--count", 300, "--rate", 3000, "--json=events"))
        result = events[-1]
        self.assertEqual((result["event"], result["counts"]["established"], result["syns"]),
                         ("result", 300, 300))
        self.assertEqual(len(result["connections"]), 300)
        self.assertEqual(result["rtt"], {"least": 0.02, "median": 0.02, "p99": 0.02})
        self.assertAlmostEqual(result["rate"] / 3000, 1, delta=0.02)
        syns = [event["t"] for event in events if event.get("flags") == "S"]
        self.assertAlmostEqual((syns[-1] - syns[0]) * 3000 / 299, 1, delta=0.02)

    def test_what_becomes_of_the_connection(self):
        for words, flags in ((["--then", "reset"], "S S. . R"), (["--third", "rst"], "S S. R")):
            events = lines(run("192.0.2.1:80", "--count", 1, "--in-flight", 1, "--json=events",
                               *words))
            found = [event["flags"] for event in events if event["event"] == "segment"]
            self.assertEqual([one.replace("R.", "R") for one in found], flags.split(), words)

    def test_text(self):
        shown = run("192.0.2.1:80", "--count", 3, "--in-flight", 2).stdout.splitlines()
        self.assertEqual(len(shown), 4)
        self.assertIn("3 established", shown[-1])
        self.assertIn("[S]", run("192.0.2.1:80", "--count", 3, "--in-flight", 2, "--lines").stdout)


class Mistakes(unittest.TestCase):
    def test_what_is_for_one_connection(self):
        for words in (["--step"], ["--send", "x"], ["--then", "hold"], ["--third", "wrong-ack"],
                      ["--scenario", "refused"], ["--isn", "1"], ["--count", "3"], ["one:80"],
                      ["-l", "80"], ["--explain"], ["--syn-data", "1"], ["--tfo"]):
            done = run("--targets", "-", *words, text=many(2))
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn(words[0] if words[0] != "one:80" else "one target", done.stderr, words)

    def test_what_belongs_to_many(self):
        for words in (["--rate", "3"], ["--in-flight", "3"], ["--shard", "1/2"],
                      ["--count", "1001"], ["--count", "2", "--shard", "1/2"]):
            done = run("192.0.2.1:80", *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)

    def test_a_few_in_a_row_stay_as_they_were(self):
        self.assertEqual(len(json.loads(run("192.0.2.1:80", "--count", 2, "--json").stdout)
                             ["result"]["connections"]), 2)


class Examples(unittest.TestCase):
    """The page's own text, with a tool that adds --simulate."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = Path(self._folder.name)
        (self.folder / "hosts.txt").write_text(many(11))
        tool = self.folder / "tcp-handshake"
        tool.write_text(f'#!/bin/sh\nexec "{TOOL}" --simulate "$@"\n')
        tool.chmod(0o755)

    def run_script(self, script, **environment):
        path = f"{self.folder}:{os.environ['PATH']}"
        done = subprocess.run(["sh", "-c", script], cwd=self.folder, text=True, timeout=60,
                              capture_output=True, check=False, stdin=subprocess.DEVNULL,
                              env={**os.environ, "PATH": path, "HOME": str(self.folder),
                                   **environment})
        self.assertEqual(done.returncode, 0, done)

    def example(self, heading):
        section = PAGE.read_text().split(f"### {heading}\n")[1]
        return re.search(r"```\w+\n(.*?)```", section, re.DOTALL).group(1)

    def check(self, file):
        found = [json.loads(line) for line in (self.folder / file).read_text().splitlines()]
        self.assertEqual(sorted(one["line"] for one in found), list(range(1, 12)))

    def test_gnu_parallel(self):
        if not shutil.which("parallel"):
            self.skipTest("GNU parallel is not here")
        self.run_script(self.example("GNU parallel"))
        self.check("found.ndjson")

    def test_slurm(self):
        for task in range(1, 5):
            self.run_script(self.example("Slurm"), SLURM_ARRAY_TASK_ID=str(task),
                            SLURM_ARRAY_TASK_COUNT="4")
        self.run_script("cat part-*.ndjson > found.ndjson")
        self.check("found.ndjson")

    def test_kubernetes(self):
        text = self.example("Kubernetes")
        command = re.search(r"- (tcp-handshake .*?)\n\s*volumeMounts", text, re.DOTALL).group(1)
        command = " ".join(command.split()).replace("/lists/", "")
        for index in range(4):
            self.run_script(f"{command} >> found.ndjson", JOB_COMPLETION_INDEX=str(index))
        self.check("found.ndjson")


if __name__ == "__main__":
    unittest.main()
