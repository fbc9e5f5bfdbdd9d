#!/usr/bin/env python3
"""docs/peers-seen.md has every scenario of tcp-teardown, and a page that has not is found out."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "peers-seen.md"


def check(*words):
    done = subprocess.run([sys.executable, ROOT / "scripts" / "peers-seen", "--check", "--tools",
                           os.environ["TCPCRAFT_TOOLS"], *words],
                          capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def dashed(page, scenario, table):
    """With a dash in the last cell of the scenario's row in that table: 0 and 1."""
    lines = page.splitlines(keepends=True)
    rows = [i for i, line in enumerate(lines) if line.startswith(f"| `{scenario}` |")]
    cells = lines[rows[table]].split("|")
    lines[rows[table]] = "|".join([*cells[:-2], " – ", cells[-1]])
    return "".join(lines)


class PeersPage(unittest.TestCase):
    def altered(self, change):
        with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8") as file:
            file.write(change(PAGE.read_text(encoding="utf-8")))
            file.flush()
            return check("--output", file.name)

    def test_the_page_is_complete(self):
        self.assertEqual(check(), (0, ""))

    def test_what_is_missing_is_named(self):
        lines = PAGE.read_text(encoding="utf-8").splitlines()
        row = next(line for line in lines if line.startswith("| `lost-fin` |"))
        for wrong, told in (("", "scenarios of"), ("| `lost-fin` |\n", "no verdicts")):
            status, output = self.altered(lambda page, w=wrong: page.replace(row + "\n", w, 1))
            self.assertEqual(status, 1)
            self.assertIn(told, output)
        for name, at in (("lost-fin", 1), ("fin-wait-2-timeout", 0)):
            status, output = self.altered(lambda page, n=name, a=at: dashed(page, n, a))
            self.assertEqual((status, output.count("no verdicts in the row")), (1, 1), output)
        status, output = self.altered(lambda page: page.replace("### sshd\n", ""))
        self.assertEqual(status, 1)
        self.assertIn("nothing is said about sshd", output)
        status, output = self.altered(lambda page: page.replace(" | sshd |", " |"))
        self.assertEqual(status, 1)
        self.assertIn("is not about", output)


if __name__ == "__main__":
    unittest.main()
