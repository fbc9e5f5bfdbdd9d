"""scripts/peers-seen makes a page out of what a server did."""

import os
import subprocess
import sys

import lab

SCRIPT = lab.REPOSITORY / "scripts" / "peers-seen"
SCENARIOS = ("active-close", "reset", "data-after-close")


class PeersSeen(lab.Case):

    def make_page(self, *servers):
        file = self.folder() / "page.md"
        words = [word for name in servers for word in ("--server", name)]
        words += [word for name in SCENARIOS for word in ("--scenario", name)]
        words += ["--tools", os.path.dirname(lab.TOOL)]
        made = self.run_script("--quick", "--output", file, *words)
        self.assertEqual(made.returncode, 0, made.stderr)
        checked = self.run_script("--check", "--output", file, *words)
        self.assertEqual((checked.returncode, checked.stdout), (0, ""), checked.stderr)
        return file.read_text()

    def run_script(self, *words):
        return subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True,
                              timeout=2 * lab.PATIENCE, check=False)

    def test_a_page_of_one_server(self):
        page = self.make_page("redis")
        self.assertRegex(page, r"\| redis \| \d+\.\d+[^|]* \| `QUIT\\r\\n` \|")
        for name in SCENARIOS:
            self.assertEqual(page.count(f"| `{name}` | conforms |\n"), 2, page)
        self.assertIn("Acknowledges our FIN within", page)
        self.assertIn("Started by `redis-server --port", page)


if __name__ == "__main__":
    lab.main()
