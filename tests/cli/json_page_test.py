#!/usr/bin/env python3
"""Are the keys of tcpcraft-json(5) those that the tools print, in both directions?"""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import man_pages

TOOLS = os.environ["TCPCRAFT_TOOLS"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = man_pages.sections(man_pages.assembled("tcpcraft-json.5"))
# Members are named by what was counted, or by letters.
WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
MAPS = {"not_told", "scenarios[].symbols"}
SCRIPT = """// The window is another one: what differs is told.
+0 < S 0:0(0) win 65535 <mss 1460>
+0 > S. 0:0(0) ack 1 win 999 <...>
+0 < . 1:1(0) ack 1 win 65535
+0 > R. 1:1(0) ack 1
"""
# A SYN with SACK blocks and an option that nobody knows.
SACK = "0101050a0000000100000002fd04f989"

# A command line, and the sections of RESULTS that have its result's keys.
RUNS = [
    ("tcp-handshake --simulate --step", ["tcp-handshake"]),
    (f"tcp-handshake --simulate --fault drop,out,. --options {SACK}", ["tcp-handshake"]),
    ("tcp-handshake --simulate --count 2", ["several", "tcp-handshake"]),
    ("tcp-handshake --simulate 192.0.2.1:80 --count 3 --in-flight 2",
     ["many", "tcp-handshake, many"]),
    ("tcp-handshake --simulate=SC-11", ["tcp-handshake", "A scenario of the textbook"]),
    ("tcp-teardown --simulate active-close lost-fin", ["tcp-teardown"]),
    ("tcp-teardown --simulate=SC-3", ["tcp-teardown", "A scenario of the textbook"]),
    ("tcp-keepalive probe --simulate", ["tcp-keepalive probe"]),
    ("tcp-keepalive probe --simulate --matrix", ["tcp-keepalive probe --matrix"]),
    ("tcp-keepalive probe --simulate=SC-9a", ["A scenario of the textbook"]),
    ("tcp-keepalive probe --simulate --targets list", ["many", "tcp-keepalive probe"]),
    ("tcp-keepalive probe --simulate -l 80 --accept 2",
     ["several", "tcp-keepalive probe", "tcp-keepalive, several"]),
    ("tcp-keepalive learn --simulate", ["tcp-keepalive learn"]),
    ("tcp-keepalive idle --simulate --most 30 --simulate-path 20s,reset --refresh keepalive",
     ["tcp-keepalive idle"]),
    ("tcp-keepalive serve --simulate", ["tcp-keepalive serve"]),
    ("tcp-script --simulate 192.0.2.1:80 script", ["tcp-script"]),
    ("tcpcraft doctor", ["tcpcraft doctor"]),
    ("tcpcraft firewall show", ["tcpcraft firewall"]),
]


def explained(section):
    """The keys that a section names."""
    return explained_in(" ".join(man_pages.entries(section)))


def explained_in(line):
    return set(re.findall(r"[a-z][a-z0-9_.\[\]]*", line.replace("*", " ")))


def keys(value, at=""):
    """Where each key stands, as the page writes it."""
    if isinstance(value, list):
        return set().union(*(keys(one, at + "[]") for one in value)) if value else set()
    if not isinstance(value, dict) or at in MAPS:
        return set()
    found = set()
    for name, below in value.items():
        path = f"{at}.{name}" if at else name
        found |= {path} | keys(below, path)
    return found


def choices(section):
    """Of keys that take one of some words: which, by the page."""
    found, named = {}, set()
    for line in section.splitlines():
        if line.startswith("\t"):
            words = set(re.findall(r"\*([^*]+)\*", line))
            for key in named:
                found[key] = found.get(key, set()) | words | ({"..."} if "..." in line else set())
        else:
            named = explained_in(line) if line.startswith("*") else set()
    return {key: words for key, words in found.items()
            if words and all(WORD.fullmatch(word) for word in words)}


def strings(value, at=""):
    """Each word that stands somewhere, and where."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from strings(below, f"{at}.{name}" if at else name)
    elif isinstance(value, list):
        for below in value:
            yield from strings(below, at + "[]")
    elif isinstance(value, str) and WORD.fullmatch(value):
        yield at, value


def top(paths):
    return {path for path in paths if "." not in path and "[]" not in path}


class Run:
    """A command line with --json; where that prints no document, and once, with =events, too."""

    def __init__(self, words, folder):
        self.words = words.split()
        self.folder = folder
        self.document, self.told = {}, {}
        self.events = []
        self.take(self.printed("--json"))
        if not self.document or "--step" in self.words:
            lines = self.printed("--json=events").splitlines()
            self.told = json.loads(lines[-1])
            self.events += [json.loads(line) for line in lines[:-1]]

    def printed(self, mode):
        made = subprocess.run([os.path.join(TOOLS, self.words[0]), *self.words[1:], mode],
                              text=True, capture_output=True, timeout=120, cwd=self.folder,
                              input="s\n" * 20 if "--step" in self.words else "")
        assert made.returncode not in (2, 4) or self.words[0] == "tcpcraft", made.stderr
        return made.stdout

    def take(self, text):
        if text.startswith('{"t"'):  # many: nothing but lines
            self.events += [json.loads(line) for line in text.splitlines()]
        else:
            self.document = json.loads(text)
            self.events += self.document.get("events", [])

    @property
    def result(self):
        return self.document["result"] if self.document else {
            key: value for key, value in self.told.items() if key not in ("t", "event")}


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "script").write_text(SCRIPT, encoding="utf-8")
            pathlib.Path(folder, "list").write_text("192.0.2.1:80\n[2001:db8::1]:80\n",
                                                    encoding="utf-8")
            cls.runs = [(Run(words, folder), parts) for words, parts in RUNS]

    def of_result(self, parts):
        """Keys that a result of these sections has; of several connections, in each of them."""
        common = explained(PAGE["RESULTS"]) - {"connections"}
        of_all = [explained(PAGE[f"RESULTS/{part}"]) for part in parts if "RESULTS/" + part in PAGE]
        if parts[0] == "several":
            return common | {"connections"} | {f"connections[].{key}"
                                               for key in common.union(*of_all)}
        if parts[0] == "many":
            of_one = explained(PAGE["RESULTS/" + parts[1].removesuffix(", many")])
            of_one |= common | explained(PAGE["EVENTS/target"])
            more = of_all[0] if parts[1].endswith(", many") else set()
            return common | {"connections"} | more | {f"connections[].{key}" for key in of_one}
        return common.union(*of_all)

    def test_results(self):
        """No key of a result is absent; of what is nested, none that is not explained."""
        seen, wanted = {}, {}
        for run, parts in self.runs:
            found, page = keys(run.result), self.of_result(parts)
            with self.subTest(run=" ".join(run.words)):
                self.assertEqual(sorted(top(found)), sorted(top(page)))
                self.assertEqual(sorted(found - page), [])
                if run.told:
                    self.assertEqual(top(keys(run.told)), top(found) | {"t", "event"})
            kind = tuple(parts)
            seen[kind] = seen.get(kind, set()) | found
            wanted[kind] = page
        for kind, page in wanted.items():
            self.in_source(page - seen[kind] if "scenario" not in kind[-1] else set())
        in_scenarios = set().union(*(found for kind, found in seen.items()
                                     if kind[-1] == "A scenario of the textbook"))
        self.assertLessEqual(explained(PAGE["RESULTS/A scenario of the textbook"]), in_scenarios)

    def test_events(self):
        always = explained(PAGE["EVENTS"])
        seen = {}
        for run, _ in self.runs:
            for event in run.events:
                seen.setdefault(event["event"], set()).update(keys(event))
                if event["event"] == "target":  # has the keys of a result as well
                    seen["target"] &= explained(PAGE["EVENTS/target"]) | always
        kinds = {name.removeprefix("EVENTS/") for name in PAGE if name.startswith("EVENTS/")}
        self.assertEqual(set(seen), kinds)
        for kind, found in seen.items():
            with self.subTest(event=kind):
                page = explained(PAGE[f"EVENTS/{kind}"])
                self.assertEqual(sorted(found - page - always), [])
                self.assertLessEqual({"t", "event"}, found)
                self.in_source(page - found)

    def test_words(self):
        """Where the page names the words that a key may have, no other was seen."""
        for run, parts in self.runs:
            sections = [(run.result, f"RESULTS/{part}") for part in parts]
            sections += [(event, f"EVENTS/{event['event']}") for event in run.events]
            known = {name: choices(PAGE[name]) for name in {name for _, name in sections if name in PAGE}}
            for value, name in sections:
                for at, word in strings(value):
                    allowed = known.get(name, {}).get(at)
                    self.assertTrue(allowed is None or word in allowed, f"{name}: {at}: {word}")

    def in_source(self, never_seen):
        """What these runs do not bring about has to be written by somebody."""
        source = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tools/**/*.cpp"))
        for path in never_seen:
            self.assertIn('{"%s", ' % path.rsplit(".", 1)[-1], source, path)
            self.assertIn(path.split("[")[0].split(".")[0], ("rules", "not_told", "connections"), path)

    def test_document(self):
        whole = explained(PAGE["DOCUMENT"])
        for run, _ in self.runs:
            if run.document and run.words[0] != "tcpcraft":
                self.assertEqual(set(run.document), whole)
            elif run.document:
                self.assertEqual(set(run.document), {"tool", "version", "command", "result"})


if __name__ == "__main__":
    unittest.main()
