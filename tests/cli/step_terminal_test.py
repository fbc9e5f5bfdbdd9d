"""--step in a real terminal (tmux) and from a pipe, as people and scripts use it."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
import unittest

TOOL = os.path.join(os.environ["TCPCRAFT_TOOLS"], "tcp-handshake")
PATIENCE = int(os.environ.get("PATIENCE", "30"))  # seconds until something counts as a failure


def simulated(*more):
    return [TOOL, "192.0.2.2:80", "--simulate", "--step", *more]


class Terminal:
    """A shell in a terminal of its own; what is on its screen can be waited for."""

    def __init__(self, folder):
        self.socket = os.path.join(folder, "tmux")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "200",
                  "env PS1='shell> ' LC_ALL=C.UTF-8 HOME=%s sh" % shlex.quote(folder))
        self.wait_for(r"shell>$")

    def tmux(self, *arguments):
        # The login shell of a user may be one that lets nobody in.
        return subprocess.run(["tmux", "-S", self.socket, *arguments], check=True,
                              capture_output=True, text=True,
                              env={**os.environ, "SHELL": "/bin/sh"}).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p", "-J", "-t", "0").rstrip()

    def keys(self, *keys):
        self.tmux("send-keys", "-t", "0", *keys)

    def type(self, text):
        self.tmux("send-keys", "-t", "0", "-l", text)

    def line(self, text):
        self.type(text)
        self.keys("Enter")

    def wait_for(self, pattern):
        """Until the screen matches; the screen."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            screen = self.screen()
            if re.search(pattern, screen):
                return screen
            time.sleep(0.05)
        raise AssertionError("never seen: %s in\n%s" % (pattern, self.screen()))

    def close(self):
        self.tmux("kill-server")


@unittest.skipUnless(shutil.which("tmux"), "tmux is not installed: no real terminal to test in")
class InATerminal(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.terminal = Terminal(folder.name)
        self.addCleanup(self.terminal.close)
        self.terminal.line("stty -a > before")
        self.terminal.line(shlex.join(simulated("--lines")) + "; echo status=$?")
        self.terminal.wait_for(r"out>$")

    def assert_terminal_as_before(self):
        self.terminal.line("stty -a > after; cmp before after && echo the sa''me")
        self.terminal.wait_for(r"the same")

    def test_an_edit_is_shown_and_sent(self):
        self.terminal.line("e isn=5 win=100")
        self.terminal.wait_for(r"edited: isn=5 win=100\n(.*\n)*out>$")
        self.terminal.line("")
        screen = self.terminal.wait_for(r"in>$")
        self.assertIn("win 100", screen.split("out> ")[-1])
        self.terminal.line("run")
        self.terminal.wait_for(r"status=0")
        self.assert_terminal_as_before()

    def test_arrow_up_brings_the_last_command_back(self):
        self.terminal.line("e isn=5")
        self.terminal.wait_for(r"edited: isn=5\n(.*\n)*out>$")
        self.terminal.keys("Up")
        self.terminal.wait_for(r"out> e isn=5$")
        self.terminal.line("6")
        self.terminal.wait_for(r"edited: isn=5 isn=56")

    def test_tab_completes(self):
        self.terminal.type("dou")
        self.terminal.keys("Tab")
        self.terminal.wait_for(r"out> double\s*$")
        self.terminal.keys("C-u")
        self.terminal.type("e op")
        self.terminal.keys("Tab")
        self.terminal.wait_for(r"out> e options=$")
        self.terminal.keys("C-u")
        self.terminal.type("e fl")
        self.terminal.keys("Tab", "Tab")
        self.terminal.wait_for(r"flags=\s+flags\+\s+flags-\s+out> e flags$")

    def test_ctrl_c_ends_the_run_and_restores_the_terminal(self):
        self.terminal.type("e half a comm")
        self.terminal.keys("C-c")
        screen = self.terminal.wait_for(r"status=130")
        self.assertNotIn("Sanitizer", screen)
        self.assert_terminal_as_before()

    def test_ctrl_c_after_the_handshake_tells_what_was_learnt(self):
        self.terminal.keys("Enter")
        self.terminal.wait_for(r"in>$")
        self.terminal.keys("Enter")
        self.terminal.wait_for(r"about to leave: SYN-SENT -> ESTABLISHED\n(.*\n)*out>$")
        self.terminal.keys("C-c")
        screen = self.terminal.wait_for(r"status=130")
        self.assertIn("negotiated", screen)
        self.assert_terminal_as_before()

    def test_ctrl_d_runs_on(self):
        self.terminal.keys("C-d")
        self.terminal.wait_for(r"running on without a prompt(.*\n)*.*status=0")
        self.assert_terminal_as_before()

    def test_ctrl_z_gives_the_terminal_back_and_fg_goes_on(self):
        self.terminal.keys("C-u", "C-c")
        self.terminal.wait_for(r"status=130")
        self.terminal.line("clear; set -m; " + shlex.join(simulated("--lines")))
        self.terminal.wait_for(r"out>$")
        self.terminal.keys("C-z")
        self.terminal.wait_for(r"shell>$")
        self.assert_terminal_as_before()
        self.terminal.line("fg")
        self.terminal.wait_for(r"fg\n(.*\n)*.*out>$")
        self.terminal.line("run")
        self.terminal.wait_for(r"ESTABLISHED with(.*\n)*shell>$")

    def test_a_person_learns_how_long_the_timers_stood_still(self):
        time.sleep(0.3)  # not for luck: the person thinks
        self.terminal.keys("Enter")
        self.terminal.wait_for(r"our timers stood still for")


class FromAPipe(unittest.TestCase):
    def run_with(self, text, *more):
        return subprocess.run(simulated("--lines", *more), input=text, timeout=PATIENCE,
                              capture_output=True, text=True, check=False)

    def test_a_transcript_reads_well(self):
        done = self.run_with("e isn=5\ns\n\nrun\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        for echoed in ("out> e isn=5\n", "out> s\n", "in> \n", "out> run\n"):
            self.assertIn(echoed, done.stdout)
        self.assertIn("conforms", done.stdout)

    def test_the_end_of_input_runs_on(self):
        done = self.run_with("")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("end of input: running on", done.stdout)

    def test_a_bad_command_is_told_and_asked_again(self):
        done = self.run_with("nonsense\ns\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("'nonsense' is no command", done.stdout)

    def test_endless_nonsense_comes_to_an_end(self):
        with open("/dev/zero", "rb") as zero:
            done = subprocess.run(simulated("--lines"), stdin=zero, timeout=4 * PATIENCE,
                                  capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_quit_is_an_interruption(self):
        done = self.run_with("quit\n")
        self.assertEqual(done.returncode, 130, done.stderr)

    def test_a_signal_ends_it_while_nothing_is_typed(self):
        with subprocess.Popen(simulated("--lines"), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            seen = b""
            while not seen.endswith(b"out> "):
                seen += running.stdout.read(1)
            running.send_signal(2)
            self.assertEqual(running.wait(PATIENCE), 130)

    def test_json_stays_on_stdout_alone(self):
        import json
        done = subprocess.run([a for a in simulated("--json") if a != "--lines"], input="s\nrun\n",
                              timeout=PATIENCE, capture_output=True, text=True, check=False)
        self.assertEqual(json.loads(done.stdout)["result"]["exit_status"], 0)
        self.assertIn("out> s\n", done.stderr)

    def test_save_writes_a_script(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "story.pkt")
            done = self.run_with("save %s\nflags=SF\ns\ni\nd\nrun\n" % file)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(file, encoding="utf-8") as saved:
                script = saved.read()
        packets = [line for line in script.splitlines() if not line.startswith("//")]
        self.assertRegex(packets[0], r"^\+0 +< FS 0:0\(0\) win 64240 <mss.*// edited: flags=SF; altered$")
        self.assertTrue(all(re.match(r"^(\+[0-9.]+ +<|\* +>) ", line) for line in packets), script)

    def test_what_was_saved_can_be_played_to_another_peer(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "story.pkt")
            done = self.run_with("save %s\nrun\n" % file)
            self.assertEqual(done.returncode, 0, done.stderr)
            played = subprocess.run([os.path.join(os.path.dirname(TOOL), "tcp-script"), "192.0.2.2:80",
                                     file, "--simulate"], capture_output=True, text=True, timeout=60)
        self.assertEqual(played.returncode, 0, played.stdout + played.stderr)


if __name__ == "__main__":
    unittest.main()
