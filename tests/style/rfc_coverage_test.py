"""scripts/rfc-coverage finds what is missing, and only that."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "rfc-coverage"
LABELS = ([f"MUST-{n}" for n in range(1, 70)] + [f"SHLD-{n}" for n in range(1, 32)]
          + [f"MAY-{n}" for n in range(1, 19)] + ["REC-1"])


def requirements(statuses=None, without=()):
    rows = [(label, "3.1", "a rule", (statuses or {}).get(label, "not ours"), "a reason")
            for label in LABELS if label not in without]
    return "".join("\t".join(row) + "\n" for row in rows)


class RfcCoverage(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = Path(place.name)
        self.write("docs/rfc9293-requirements.tsv", requirements())

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run_script(self, *arguments):
        done = subprocess.run([sys.executable, SCRIPT, "--root", self.root, *arguments],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def page(self):
        return (self.root / "docs/rfc9293-coverage.md").read_text(encoding="utf-8")

    def test_a_complete_list_makes_a_page_that_passes(self):
        self.assertEqual(self.run_script(), (0, ""))
        self.assertEqual(self.run_script("--check"), (0, ""))
        self.assertIn("119 requirements: 0 kept, 0 open, 119 not ours.", self.page())

    def test_a_page_that_is_missing_or_old_is_named(self):
        self.assertIn("out of date", self.run_script("--check")[1])
        self.run_script()
        self.write("docs/rfc9293-requirements.tsv", requirements({"MAY-3": "open"}))
        self.assertEqual(self.run_script("--check")[0], 1)

    def test_what_is_kept_needs_a_citing_test(self):
        self.write("docs/rfc9293-requirements.tsv", requirements({"MUST-8": "kept"}))
        self.write("tests/a_test.cpp", "// MUST-8\n\nTEST(A, B) {  // MUST-80, SHLD-8\n")
        status, output = self.run_script()
        self.assertEqual(status, 1)
        self.assertIn("MUST-8 is called kept, but no test cites it", output)
        self.write("tests/a_test.cpp", "TEST(A, B) {  // RFC 9293 §3.4.1 (MUST-8, MUST-9)\n")
        self.write("libtcpcraft/engine/iss.hpp", "/// a clock (MUST-8)\nint must_8;\n")
        self.assertEqual(self.run_script(), (0, ""))
        self.assertIn("| `engine/iss.hpp` | `A.B` |", self.page())

    def test_a_comment_right_above_a_test_cites_too(self):
        self.write("docs/rfc9293-requirements.tsv", requirements({"MUST-8": "kept"}))
        self.write("tests/a_test.cpp", "// a long line\n// (MUST-8)\nTEST_P(A, B) {\n")
        self.assertEqual(self.run_script(), (0, ""))

    def test_every_label_stands_once(self):
        self.write("docs/rfc9293-requirements.tsv", requirements(without=("MAY-18",)))
        self.assertIn("MAY-18 stands 0 times", self.run_script()[1])
        self.write("docs/rfc9293-requirements.tsv", requirements() + "MUST-70\t3\ta\topen\tb\n")
        self.assertIn("MUST-70 is no label", self.run_script()[1])

    def test_a_line_out_of_order_is_named(self):
        self.write("docs/rfc9293-requirements.tsv", "MUST-1\t3.1\ta rule\tperhaps\ta reason\n")
        self.assertIn("rfc9293-requirements.tsv:1: the status", self.run_script()[1])
        self.write("docs/rfc9293-requirements.tsv", "MUST-1\t3.1\ta rule\tkept\n")
        self.assertIn("five fields", self.run_script()[1])


if __name__ == "__main__":
    unittest.main()
