#!/usr/bin/env python3
"""Does blocks_test.py notice? Documents that are wrong in one way each, run as the real ones are."""

import contextlib
import io
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import blocks_test
from blocks import Mistake, read_blocks
from comparing import align, renewed
from masks import masked

blocks_test.ATTEMPTS = 1
blocks_test.running.ROOMS = {}  # one is enough
ROOTLESS = ["--rootless"] if "--rootless" in sys.argv else []
TOOLS = os.environ.get("TCPCRAFT_TOOLS", "")


def console(*lines):
    return "\n".join(["", "```console", *lines, "```", ""])


class Case(unittest.TestCase):
    def document(self, text, name="a.md"):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / name
        path.write_text(text, encoding="utf-8")
        return path

    def blocks(self, text, name="a.md"):
        return read_blocks(self.document(text, name))


class Run(Case):
    """In one laboratory each: what is right, what is wrong, and what is renewed."""

    def run_on(self, *options, text):
        path = self.document(text)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = blocks_test.main([*ROOTLESS, "--tools", TOOLS, *options, str(path)])
        return status, said.getvalue(), path.read_text(encoding="utf-8")

    def test_right(self):
        status, said, _ = self.run_on(text=(
            console("$ echo one; echo two", "one", "two")
            + console("$ false", "$ echo $?", "1")
            + console("$ echo shown by nobody")
            + console("$ seq 9", "1", "...", "4", "5", "...")
            + console("$ cat <<'END'", "> a line", "> END", "a line")
            + console("$ tcp-handshake 10.77.2.2:9 -q", "...", "$ echo $?", "1")
            + "\n<!-- not run: takes an hour; tests/docs/bites_test.py -->" + console("$ sleep 3600")))
        self.assertEqual(status, 0, said)
        self.assertIn("8 commands of 6 blocks", said)
        self.assertIn("not run:", said)

    def test_wrong(self):
        status, said, _ = self.run_on(text=(
            console("$ echo one", "two")
            + console("$ echo one; echo two", "one")
            + console("$ exit 3", "$ echo not reached")
            + console("$ false")
            + console("$ tcp-handshake 10.77.2.2:9 -q >/dev/null", "$ echo $?", "0")))
        self.assertEqual(status, 1, said)
        for line in (3, 8, 13, 18, 22):
            self.assertIn(f"a.md:{line}: ", said)
        self.assertIn("ended with status 1, and no `$ echo $?`", said)
        self.assertIn("did not end", said)

    def test_renewed(self):
        text = console("$ seq 3", "1", "2") + "\nprose\n" + console("$ seq 5", "...", "5") \
            + console("$ echo it is right already", "it is right already")
        status, said, written = self.run_on("--renew", text=text)
        self.assertEqual(status, 0, said)
        self.assertEqual(written.rstrip(), (
            console("$ seq 3", "1", "2", "3") + "\nprose\n" + console("$ seq 5", "...", "5")
            + console("$ echo it is right already", "it is right already")).rstrip())
        status, said, written = self.run_on(
            "--renew", text=console("$ false", "something") + console("$ seq 3", "...", "9"))
        self.assertEqual(status, 1, "neither a failure nor what was left out can be renewed")
        self.assertIn("does not fit any more", said)


class Convention(Case):
    def test_mistakes(self):
        for text in ("```\n$ ls\n```\n", "```sh\n$ ls\n```\n", "```sh\nls\n```\n",
                     "```console\nls\n```\n", "```console\n```\n", "```console\n$ ls\n",
                     "<!-- run: elsewhere -->\n```console\n$ ls\n```\n",
                     "<!-- not run: no time -->\n```console\n$ ls\n```\n"):
            with self.subTest(text), self.assertRaises(Mistake):
                self.blocks(text)

    def test_what_is_no_block(self):
        self.assertEqual(self.blocks("```json\n{}\n```\n\n    $ indented\n\n```text\nx\n```\n"), [])

    def test_comments(self):
        block, = self.blocks("<!-- run: router 5 -->\n```console\n$ ls\n```\n")
        self.assertEqual((block.setting, block.excuse), ("router 5", ""))
        block, = self.blocks("<!-- not run: builds;\n     scripts/test does -->\n"
                             "```console\n$ make\n```\n")
        self.assertEqual(block.excuse, "builds; scripts/test does")

    def test_manual_pages(self):
        text = "# EXAMPLES\n\n```\n$ ls\n```\n\n```\nstruct\n```\n\n; not run: x; tests/y\n```\n$ a\n```\n"
        first, second = self.blocks(text, "a.1.scd")
        self.assertEqual((first.excuse, second.excuse), ("", "x; tests/y"))

    def test_commands_of_root_need_an_excuse(self):
        text = "```\n# adduser alice\n# ls\n```\n"
        with self.assertRaises(Mistake):
            self.blocks(text, "a.8.scd")
        block, = self.blocks(f"; not run: x; tests/y\n{text}", "a.8.scd")
        self.assertEqual((len(block.steps), block.excuse), (2, "x; tests/y"))

    def test_lines_come_back_as_they_were(self):
        text = "$ cat <<X\n> a\n>\n> X\na\n\n$ ls \\\n> -l\n..."
        block, = self.blocks(f"```console\n{text}\n```\n")
        self.assertEqual("\n".join(block.lines()), text)
        self.assertEqual([step.command for step in block.steps], ["cat <<X\na\n\nX", "ls \\\n-l"])


class Masks(Case):
    LADDER = ["0.055438     SYN-SENT ├──────── SYN seq 0 win 64240 ────────►│",
              "                      │  <mss 1460,sackOK,TS val 3769609231 ecr 0,nop,        │",
              "                      │  wscale 7>                                            │"]

    def differs(self, old, new):
        changed = [line.replace(old, new) for line in self.LADDER]
        self.assertNotEqual(changed, self.LADDER)
        return masked(changed) != masked(self.LADDER)

    def test_what_may_differ(self):
        self.assertFalse(self.differs("0.055438", "12.34567"))
        self.assertFalse(self.differs("3769609231", "1234567"))
        self.assertEqual(masked(["a 10.77.1.2:45661 b"]), masked(["a 10.77.1.2:40001 b"]))
        self.assertEqual(masked(["round trip 67 us (kernel timestamps)"]),
                         masked(["round trip 1.2 ms (our clock)"]))
        self.assertEqual(masked(["├──── SYN seq 2539502930 win 9 ────►│"]),
                         masked(["├───── SYN seq 39502930 win 9 ─────►│"]))

    def test_what_may_not(self):
        for old, new in (("win 64240", "win 64241"), ("seq 0", "seq 1"), ("SYN-SENT", "SYN-SNET"),
                         ("wscale 7", "wscale 8"), ("ecr 0", "ecr 5"), ("SYN seq", "FIN seq"),
                         ("├────────", "├───────"), ("sackOK", "nop,nop")):
            with self.subTest(new):
                self.assertTrue(self.differs(old, new))
        self.assertNotEqual(masked(["to 10.77.2.2:7"]), masked(["to 10.77.2.2:9"]))
        self.assertNotEqual(masked(["⏱ time-wait 240 s"]), masked(["⏱ time-wait 60 s"]))
        self.assertNotEqual(masked(["sent 6 times"]), masked(["sent 7 times"]))

    def test_nothing_is_masked_in_a_simulation(self):
        block, = self.blocks(console("$ tcp-handshake --simulate=SC-1", "0.000001 x"))
        answer = {"status": 0, "output": ["0.000002 x"]}
        self.assertTrue(blocks_test.differences(block, [answer]))

    def test_a_wrapped_note_is_one(self):
        self.assertEqual(masked(["         a b", "         c"]), masked(["         a", "         b c"]))


class Attempts(Case):
    """With answers made up for it: run() as running.py has it, without a laboratory."""

    def outcome(self, answers, *texts):
        blocks = [block for text in texts for block in self.blocks(text)]
        attempts, judged = [], blocks_test.Outcome(renew=False)

        def run(_setting, commands, will_do, _become):
            for number in range(len(commands)):
                for attempt, said in enumerate(answers, 1):
                    attempts.append(number)
                    answer = {"steps": [{"status": 0, "output": [said]}], "seconds": 0}
                    if will_do(number, attempt, answer):
                        yield answer
                        break

        with mock.patch.multiple(blocks_test, ATTEMPTS=3), \
                mock.patch.object(blocks_test.running, "run", run), \
                contextlib.redirect_stdout(io.StringIO()):
            judged.run("", blocks, [])
            judged.report(blocks, 0)
        return len(attempts), len(judged.failures)

    def test_a_real_connection_gets_three(self):
        text = console("$ tcp-handshake 10.77.2.2:7", "right")
        self.assertEqual(self.outcome(["right"], text), (1, 0))
        self.assertEqual(self.outcome(["wrong", "wrong", "right"], text), (3, 0))
        self.assertEqual(self.outcome(["wrong"] * 3 + ["right"], text), (3, 1))

    def test_a_simulated_one_gets_one(self):
        for text in (console("$ tcp-handshake --simulate", "right"),
                     "<!-- run: simulate -->" + console("$ tcp-handshake x:7", "right")):
            self.assertEqual(self.outcome(["wrong", "right"], text), (1, 1))

    def test_many_repetitions_are_a_failure(self):
        texts = [console(f"$ tcp-handshake 10.77.2.2:{port}", "right") for port in range(6)]
        self.assertEqual(self.outcome(["wrong", "right"], *texts[:5]), (10, 0))
        self.assertEqual(self.outcome(["wrong", "right"], *texts), (12, 1))


class Times(Case):
    BACKOFF = ["0.055438 ├── SYN", "1.063438 ├── SYN", "3.079438 ├── SYN", "✓ after 2 s, +1.01, +3.02 s"]

    def fits(self, *lines, shown=None):
        return align(shown or self.BACKOFF, list(lines), False) is not None

    def test_what_a_busy_machine_does(self):
        *ladder, said = self.BACKOFF
        self.assertTrue(self.fits("2.9 ├── SYN", "4.1 ├── SYN", "6.9 ├── SYN", said))
        self.assertTrue(self.fits(*ladder, "✓ after 3 s, +1.31, +5.02 s"))
        self.assertTrue(self.fits("round trip 400 ms", shown=["round trip 12 us"]))

    def test_what_is_false(self):
        first, second, third, said = self.BACKOFF
        for lines in ((first, second, "2.07 ├── SYN", "✓ after 5 s, +1.01, +3.02 s"),
                      (first, "1.06 ├── SYN", "6.07 ├── SYN", said),
                      (first, "4.06 ├── SYN", "6.07 ├── SYN", said),
                      (first, second, third, "✓ after 2 s, +1.01, +7.02 s"),
                      (first, second, third, "✓ after 2 s, +1.01, +1.02 s"),
                      (first, second, third, "✓ after 900 ms, +1.01, +3.02 s")):
            with self.subTest(lines):
                self.assertEqual(masked(lines)[:3], masked(self.BACKOFF)[:3])
                self.assertFalse(self.fits(*lines))
        self.assertFalse(self.fits("round trip 4 s", shown=["round trip 12 us"]))
        self.assertFalse(self.fits("x", "9.5 late", shown=["...", "4.5 late"]))
        self.assertFalse(self.fits("another 59 s", shown=["another 3 min 59 s"]))

    def test_it_is_told(self):
        block, = self.blocks(console("$ tool", "✓ after 2 s"))
        told, = blocks_test.differences(block, [{"status": 0, "output": ["✓ after 8 s"]}])
        self.assertIn("2.000 s in the document, but 8.000 s in the run", told)


class Elisions(Case):
    def test_ends(self):
        lines = ["a", "b", "c", "d"]
        for shown in (["..."], ["a", "...", "d"], ["...", "c", "d"], ["a", "b", "..."], lines,
                      ["a", "...", "c", "..."], ["...", "b", "..."]):
            self.assertIsNotNone(align(shown, lines, True), shown)
        for shown in ([], ["a"], ["...", "c"], ["b", "..."], ["a", "...", "e"],
                      ["...", "c", "...", "b", "..."]):
            self.assertIsNone(align(shown, lines, True), shown)

    def test_renewed(self):
        old = ["0.000100 ✓ round trip 5 us", "...", "the end"]
        new = ["0.000200 ✓ round trip 6 us", "x", "the end"]
        self.assertEqual(renewed(old, new, False), [new[0], "...", "the end"])
        self.assertIsNone(renewed(old, ["else"], False))


if __name__ == "__main__":
    unittest.main(argv=[word for word in sys.argv if word != "--rootless"])
