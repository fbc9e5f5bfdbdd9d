#!/usr/bin/env python3
"""The files of -o, of every tool: accepted by the programs that read such files."""

import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as tree

import runs

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "junit.xsd")
ENDINGS = ("html", "svg", "md", "xml", "tap")
SVG = "{http://www.w3.org/2000/svg}"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def asked(*words):
    return subprocess.run(words, text=True, capture_output=True, timeout=60, check=False)


class Everywhere(unittest.TestCase):
    """One run of each tool and verb, with every kind of report and the packets."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.status = {}
        for name in runs.RUNS:
            words = [word for end in ENDINGS for word in ("-o", cls.file(name, end))]
            done = runs.run(name, cls.folder.name, *words, "-w", cls.file(name, "pcapng"))
            cls.status[name] = done.returncode
            assert done.returncode in (0, 1, 3), (name, done)

    @classmethod
    def file(cls, name, ending):
        return os.path.join(cls.folder.name, f"{name}.{ending}")

    def test_nothing_but_the_files_is_left(self):
        wanted = {f"{name}.{end}" for name in runs.RUNS for end in (*ENDINGS, "pcapng")}
        self.assertEqual(set(os.listdir(self.folder.name)), wanted | {"one.pkt"})

    def test_junit_by_the_schema(self):
        files = [self.file(name, "xml") for name in runs.RUNS]
        done = asked("xmllint", "--noout", "--schema", SCHEMA, *files)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_junit_counts_what_there_is(self):
        for name in runs.RUNS:
            suite = tree.parse(self.file(name, "xml")).getroot().find("testsuite")
            cases = suite.findall("testcase")
            self.assertGreater(len(cases), 0, name)
            self.assertEqual(suite.get("tests"), str(len(cases)))
            for kind in ("failure", "error"):
                found = [case for case in cases if case.find(kind) is not None]
                self.assertEqual(suite.get(f"{kind}s"), str(len(found)), name)
            good = not any(case.find(kind) is not None for case in cases
                           for kind in ("failure", "error"))
            self.assertEqual(good, self.status[name] == 0, name)

    @unittest.skipUnless(shutil.which("prove"), "perl's prove is not installed")
    def test_tap_by_prove(self):
        for name in runs.RUNS:
            done = asked("prove", "--exec", "cat", self.file(name, "tap"))
            said = re.search(r"^Result: (\w+)", done.stdout, re.M)
            self.assertEqual(said and said.group(1), "PASS" if self.status[name] == 0 else "FAIL",
                             done.stdout)
            self.assertNotIn("Parse errors", done.stdout)

    @unittest.skipUnless(shutil.which("capinfos"), "capinfos is not installed")
    def test_packets_by_capinfos(self):
        files = {name: self.file(name, "pcapng") for name in runs.RUNS}
        done = asked("capinfos", "-Tmrc", *files.values())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        counts = [int(line.split(",")[-1].strip('"')) for line in done.stdout.splitlines()]
        self.assertEqual(len(counts), len(files))
        for name, count in zip(files, counts):
            self.assertGreater(count, 0, name)

    def test_pictures_are_svg_with_text(self):
        done = asked("xmllint", "--noout", *[self.file(name, "svg") for name in runs.RUNS])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for name in runs.RUNS:
            root = tree.parse(self.file(name, "svg")).getroot()
            self.assertEqual(root.tag, SVG + "svg")
            kinds = {element.tag.removeprefix(SVG) for element in root.iter()}
            self.assertLessEqual(kinds, {"svg", "title", "desc", "style", "defs", "pattern", "path",
                                         "rect", "g", "text", "tspan", "a"}, name)
            width, height = (float(root.get(key)) for key in ("width", "height"))
            self.assertEqual(root.get("viewBox"), f"0 0 {root.get('width')} {root.get('height')}")
            self.assertGreater(len(root.findall(f".//{SVG}text")), 10, name)
            for text in root.iter(SVG + "text"):
                self.assertLess(float(text.get("x")), width, name)
                self.assertLess(float(text.get("y")), height, name)
            ids = [element.get("id") for element in root.iter() if element.get("id")]
            self.assertEqual(len(ids), len(set(ids)), name)
            links = {element.get("href")[1:] for element in root.iter(SVG + "a")}
            self.assertLessEqual(links, set(ids), name)

    def test_pages_link_to_what_is_there(self):
        for name in runs.RUNS:
            page = read(self.file(name, "html"))
            ids = re.findall(r' id="([^"]*)"', page)
            self.assertEqual(len(ids), len(set(ids)), name)
            links = set(re.findall(r'href="([^"]*)"', page))
            self.assertLessEqual(links, {"#" + one for one in ids}, name)
            self.assertTrue(page.startswith("<!DOCTYPE html>"))

    def test_all_say_the_same(self):
        for name in runs.RUNS:
            summary = re.search(r"<p><b>([^<]*)</b>", read(self.file(name, "html"))).group(1)
            self.assertIn(f"<desc>{summary}</desc>", read(self.file(name, "svg")))
            status = f"{self.status[name]}: "
            self.assertIn("| Exit status | " + status, read(self.file(name, "md")))
            self.assertIn("Exit status " + status, read(self.file(name, "html")))

    def test_idle_shows_its_trials(self):
        note = read(self.file("idle", "md"))
        self.assertTrue("## Trials over time" in note)
        ends = re.findall(r"^\| (5 min [^|]*) \|.*\| (.) (alive|RST by the path) \|", note, re.M)
        self.assertIn(("5 min 49 s", "✓", "alive"), ends)
        self.assertIn(("5 min 50 s", "P", "RST by the path"), ends)
        page = read(self.file("idle", "html"))
        self.assertEqual(page.count("forgotten between 5 min 49 s and 5 min 50 s"), 2)
        self.assertGreater(page.count('class="bar '), 20)
        self.assertTrue('class="between"' in page)

    def test_learn_shows_the_probes(self):
        page = read(self.file("learn", "html"))
        self.assertEqual(page.count('class="mark"'), 4 * 9)  # wide and narrow, whole and from the first one on
        for said in ("1 min 15 s of silence, then probe 2: 0 octets at SND.NXT-1",
                     "<dt>Idle</dt><dd>2 h</dd>"):
            self.assertTrue(said in page, said)

    def test_faults_are_marked(self):
        page = read(self.file("lost-syn", "html"))
        self.assertTrue('class="seg out lost' in page)
        self.assertTrue("fault: drop" in page)
        self.assertTrue("retransmission timer fires" in page)
        self.assertTrue("↻ retransmission" in page)


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def test_what_is_wrong_is_said_before_anything_is_sent(self):
        for file, status, said in (("x.pdf", 2, ".html, .svg, .md, .xml"), ("-", 2, "--json"),
                                   (self.path("none/x.html"), 4, "No such file or directory"),
                                   (self.folder.name + "/d.html", 4, "Is a directory")):
            os.makedirs(self.path("d.html"), exist_ok=True)
            done = runs.run("handshake", self.folder.name, "-o", file)
            self.assertEqual((done.returncode, done.stdout), (status, ""), done)
            self.assertIn(said, done.stderr)
        done = runs.run("handshake", self.folder.name, "-o", self.path("a.md"), "-o",
                        self.path("a.md"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("named twice", done.stderr)

    def test_a_dry_run_writes_none(self):
        done = runs.run("handshake", self.folder.name, "-o", self.path("x.html"), "--dry-run")
        self.assertEqual(done.returncode, 0)
        self.assertFalse(os.path.exists(self.path("x.html")))

    def test_what_was_there_is_replaced_as_a_whole(self):
        path = self.path("x.md")
        target = self.path("real.md")
        with open(target, "w", encoding="utf-8") as file:
            file.write("old")
        os.chmod(target, 0o640)
        os.symlink(target, path)
        self.assertEqual(runs.run("handshake", self.folder.name, "-o", path).returncode, 0)
        self.assertTrue(os.path.islink(path))
        self.assertTrue(read(target).startswith("# tcp-handshake"))
        self.assertEqual(stat.S_IMODE(os.stat(target).st_mode), 0o640)
        self.assertEqual(sorted(os.listdir(self.folder.name)), ["one.pkt", "real.md", "x.md"])

    def test_a_full_disk_is_told_with_the_status_behind_it(self):
        path = self.path("x.html")
        os.symlink("/dev/full", path)
        done = runs.run("refused", self.folder.name, "-o", path)
        self.assertEqual(done.returncode, 4)
        self.assertEqual(done.stderr, f"tcp-handshake: cannot write '{path}': No space left on "
                                      "device; without that the exit status were 0\n")

    def test_an_interrupted_run_leaves_what_it_has_learnt(self):
        path = self.path("x.md")
        words = [os.path.join(runs.TOOLS, "tcp-keepalive"), "serve", "--simulate", "--clients",
                 "20000", "--for", "900h", "--json=events", "-o", path]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL) as tool:
            for line in tool.stdout:
                if b'"connected"' in line:  # it serves, and signals are its own by now
                    tool.send_signal(signal.SIGINT)
                    break
            tool.communicate()
        self.assertEqual(tool.returncode, 130)
        self.assertIn("| Exit status | 130: interrupted", read(path))

    def test_an_environment_that_will_not_do_is_reported_too(self):
        path = self.path("x.xml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("of another run")
        done = asked(os.path.join(runs.TOOLS, "tcp-handshake"), "host.invalid:80", "-o", path)
        self.assertEqual(done.returncode, 4, done)
        error = tree.parse(path).getroot().find("testsuite/testcase/error")
        self.assertEqual(error.get("type"), "not-played")
        self.assertIn("host.invalid", error.get("message"))


if __name__ == "__main__":
    unittest.main()
