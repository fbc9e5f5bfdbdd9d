#!/usr/bin/env python3
"""Man pages, option tables and --help say the same, in both directions; pages render without warnings."""
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import man_pages

TOOLS = os.environ["TCPCRAFT_TOOLS"]
PAGES = pathlib.Path(os.environ.get("TCPCRAFT_MAN", ""))
RENDERERS = (["man", "--warnings", "-E", "UTF-8", "-l"],
             ["groff", "-K", "utf8", "-t", "-man", "-T", "utf8", "-ww", "-P-c"])
ALL = ("tcp-handshake", "tcp-keepalive", "tcp-script", "tcp-teardown", "tcpcraft")


def run(tool, *arguments):
    return subprocess.run([os.path.join(TOOLS, tool), *arguments], text=True, capture_output=True,
                          timeout=60, stdin=subprocess.DEVNULL, check=True).stdout


def tables():
    return {tool: json.loads(run(tool, "--completions", "json"))["verbs"] for tool in ALL}


def spelled(option):
    """An option as page and help write it."""
    joined = option["value"] and not option["value"].startswith(("[=", ","))
    return ", ".join(option["names"]) + (" " if joined else "") + option["value"]


def options_of(section):
    return {man_pages.plain(entry) for entry in man_pages.entries(section) if entry.startswith("*-")}


class Options(unittest.TestCase):
    @staticmethod
    @functools.cache
    def help(tool, verb):
        return run(tool, *verb.split(), "--help")

    @classmethod
    def setUpClass(cls):
        cls.tables = tables()

    def page(self, tool, verb, verbs):
        """What the page says this verb takes: its own section, and those of all verbs."""
        found = set()
        sections = man_pages.sections(man_pages.assembled(f"{tool}.1"))
        for heading, text in sections.items():
            of = heading.removeprefix("OPTIONS/")
            if of != heading and (of == verb or of not in verbs):
                found |= options_of(text)
        excepted = re.findall(rf"^\*{verb}\* has none of ([^:]*):", "\n".join(sections.values()),
                              re.M) if verb else []
        for name in re.findall(r"\*(--[a-z-]+)\*", " ".join(excepted)):
            gone = {entry for entry in found if name in re.split(r"[ ,\[]+", entry)}
            self.assertTrue(gone, f"{tool} {verb} has no {name} to be without")
            found -= gone
        return found

    def test_pages_have_every_option_of_every_verb_and_no_other(self):
        for tool, verbs in self.tables.items():
            names = {verb["verb"] for verb in verbs}
            for verb in verbs:
                known = {spelled(one) for one in verb["options"] if not one["hidden"]}
                hidden = {spelled(one) for one in verb["options"] if one["hidden"]}
                page = self.page(tool, verb["verb"], names)
                if verb["commands"]:  # what its verbs take stands there as well
                    self.assertLessEqual(known, page, tool)
                    continue
                # Of the tool as a whole; beside a verb nobody asks for them.
                general = {"--completions SHELL"} | ({"--version"} if tool == "tcpcraft" else set())
                with self.subTest(tool=tool, verb=verb["verb"]):
                    self.assertEqual(sorted(known - page), [], "not on the page")
                    self.assertEqual(sorted(page - known - hidden - general), [], "not of the tool")

    def test_verbs_are_in_the_synopsis(self):
        for tool, verbs in self.tables.items():
            synopsis = man_pages.plain(man_pages.sections(man_pages.assembled(f"{tool}.1"))["SYNOPSIS"])
            for verb in verbs:
                if not verb["commands"]:
                    self.assertIn(f"{tool} {verb['verb']}".strip(), synopsis)

    def test_help_names_every_option_and_no_other(self):
        for tool, verbs in self.tables.items():
            for verb in verbs:
                page = self.help(tool, verb["verb"]).split("Examples:")[0]
                rows = page.split("\n", 1)[1]
                with self.subTest(tool=tool, verb=verb["verb"]):
                    for option in verb["options"]:
                        shown = re.search(rf"(?m)(^  |, ){re.escape(spelled(option))}(,|\s|$)", rows)
                        self.assertEqual(shown is None, option["hidden"], spelled(option))
                    known = {name for one in verb["options"] for name in one["names"]} | {"-vv"}
                    named = set(re.findall(r"(?:^|(?<=[ ,]))--?[a-z0-9][\w-]*", rows, re.I | re.M))
                    self.assertEqual(sorted(named - known), [])

    def test_tcpcraft_allow(self):
        """A script: what its help names."""
        told = subprocess.run([man_pages.FOLDER.parents[1] / "tools" / "tcpcraft-allow", "--help"],
                              text=True, capture_output=True, check=True).stdout
        page = man_pages.sections(man_pages.assembled("tcpcraft-allow.8"))["OPTIONS"]
        self.assertEqual(set(re.findall(r"--[a-z]+", told.split("\n\n")[0])) | {"--help"},
                         set(re.findall(r"--[a-z]+", " ".join(options_of(page)))))

    def test_help_is_one_screen_with_examples(self):
        for tool, verbs in self.tables.items():
            for verb in verbs:
                lines = self.help(tool, verb["verb"]).splitlines()
                with self.subTest(tool=tool, verb=verb["verb"]):
                    self.assertLessEqual(len(lines), 47)
                    self.assertEqual([line for line in lines if len(line) > 80], [])
                    self.assertIn("Examples:", lines)

    def test_hidden_are_few(self):
        """What help leaves out has to be said elsewhere, or be refused with a sentence."""
        hidden = {name for verbs in self.tables.values() for verb in verbs
                  for one in verb["options"] if one["hidden"] for name in one["names"][-1:]}
        self.assertLessEqual(hidden, {"--completions", "--report", "--listen", "--accept"})

    def test_words_are_on_the_page(self):
        """What an option takes by name is explained with it."""
        for tool, verbs in self.tables.items():
            text = man_pages.plain(man_pages.assembled(f"{tool}.1"))
            for verb in verbs:
                for option in verb["options"]:
                    if option["names"][-1] in ("--simulate", "--scenario"):
                        continue  # --simulate=list has them
                    for word in option["words"]:
                        self.assertIn(word, text, f"{tool} {spelled(option)}")

    def test_teardown_scenarios_are_those_of_the_list(self):
        self.assertIn(run("tcp-teardown", "list"),
                      man_pages.sections(man_pages.assembled("tcp-teardown.1"))["SCENARIOS"])


class Notation(unittest.TestCase):
    """tcpcraft-notation(5) and docs/notation.md name what the reader of scripts takes."""

    def test_options_of_a_script(self):
        taken = self.table("libtcpcraft/script/read_options.cpp", r"known\{\s*\{(.*?)\}\};")
        entries = man_pages.entries(self.section("OPTIONS OF A SCRIPT"))
        rows = re.findall(r"(?m)^\| (`--.*?) \|", self.guide("### Options", "### Time"))
        for lines in (entries, rows):
            of_effect = [line for line in lines if "--verbose" not in line]
            self.assertEqual(taken, set(re.findall(r"--([a-z_]+)", " ".join(of_effect))))

    def test_calls(self):
        made = self.table("libtcpcraft/sut/call_mistakes.cpp", r"known_calls\{\{(.*?)\}\};")
        self.assertEqual(made, set(re.findall(r"\*([a-z]+)\*", self.section("CALLS"))))
        calls = self.guide("With `--sut-netns NAME|PID`", "The\nwire is")
        self.assertEqual(made, set(re.findall(r"`([a-z]+)`", calls.split("process): ")[1])))

    @staticmethod
    def table(path, pattern):
        text = (man_pages.FOLDER.parents[1] / path).read_text(encoding="utf-8")
        return set(re.findall(r'\{"([a-z_]+)"', re.search(pattern, text, re.S)[1] + "}"))

    @staticmethod
    def section(name):
        return man_pages.sections(man_pages.assembled("tcpcraft-notation.5"))[name]

    @staticmethod
    def guide(begin, end):
        text = (man_pages.FOLDER.parent / "notation.md").read_text(encoding="utf-8")
        return text.split(begin, 1)[1].split(end, 1)[0]


class Pages(unittest.TestCase):
    MUST_HAVE = {"1": ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT",
                       "FILES", "EXAMPLES", "SEE ALSO"),
                 "5": ("NAME", "DESCRIPTION", "EXAMPLES", "SEE ALSO"),
                 "7": ("NAME", "DESCRIPTION", "SEE ALSO"),
                 "8": ("NAME", "SYNOPSIS", "DESCRIPTION", "SEE ALSO")}

    def test_have_their_sections(self):
        self.assertEqual({f"{tool}.1" for tool in ALL} - set(man_pages.names()), set())
        for name in man_pages.names():
            found = [heading for heading in man_pages.sections(man_pages.assembled(name))
                     if "/" not in heading]
            wanted = self.MUST_HAVE[name[-1]]
            self.assertEqual([one for one in found if one in wanted], list(wanted), name)

    def test_name_pages_that_exist(self):
        ours = {(name[:-2], name[-1]) for name in man_pages.names()}
        for name in man_pages.names():
            for page, section in re.findall(r"\*(tcp[a-z-]*)\*\((\d)\)", man_pages.assembled(name)):
                if page not in ("tcp", "tcpdump"):
                    self.assertIn((page, section), ours, name)

    def test_are_rendered_without_warnings(self):
        renderer = next((one for one in RENDERERS if shutil.which(one[0])), None)
        if not PAGES.is_dir() or not renderer:
            self.skipTest("no pages were made (scdoc), or neither man nor groff is there")
        pages = sorted(PAGES.glob("man?/*"), key=lambda page: page.name)
        self.assertEqual([page.name for page in pages], man_pages.names())
        for page in pages:
            made = subprocess.run([*renderer, str(page)], text=True, capture_output=True,
                                  timeout=60, check=True,
                                  env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
            self.assertEqual(made.stderr, "", page.name)
            self.assertNotIn("{{", made.stdout)
            title = f"{page.name[:-2]}({page.name[-1]})"
            self.assertIn(title, made.stdout.splitlines()[0] + made.stdout.splitlines()[1])


if __name__ == "__main__":
    unittest.main()
