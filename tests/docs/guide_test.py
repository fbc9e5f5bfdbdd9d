#!/usr/bin/env python3
"""The guide has every statement it promises, in both languages, with the same commands."""

import re
import unittest
from pathlib import Path

from blocks import read_blocks

DOCS = Path(__file__).resolve().parents[2] / "docs"
ENGLISH, CHINESE = DOCS / "guide.md", DOCS / "guide.zh.md"
STATEMENTS = [*range(1, 28), *range(30, 46), *range(50, 56), *range(60, 69), *range(70, 74)]
ANCHORS = [f"s{number}" for number in STATEMENTS] + [f"f{n}" for n in range(1, 5)] \
    + [f"q{n}" for n in range(1, 6)]
LANGUAGES = [path for path in (ENGLISH, CHINESE) if path.exists()]


def anchors(text):
    return re.findall(r'<a id="([^"]*)"></a>', text)


class Guide(unittest.TestCase):
    @staticmethod
    def each():
        return [path.read_text(encoding="utf-8") for path in LANGUAGES]

    def test_every_statement_figure_and_question_is_there_once(self):
        for text in self.each():
            found = [name for name in anchors(text) if name != "index"]
            self.assertEqual(sorted(found), sorted(ANCHORS))

    def test_every_statement_is_marked_where_it_is_made(self):
        for text in self.each():
            text = text.partition('<a id="index">')[0]
            for number in STATEMENTS:
                self.assertRegex(text, rf"\[S{number}\](?!\()", f"S{number} is not marked")

    def test_links_lead_somewhere(self):
        for text in self.each():
            headings = {slug(line) for line in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
            for link in re.findall(r"\]\(#([^)]*)\)", text):
                self.assertIn(link, headings | set(anchors(text)))
            for link in re.findall(r"\]\(([\w./-]+)\)", text):
                self.assertTrue((DOCS / link).exists(), link)

    def test_the_index_has_all(self):
        for text in self.each():
            index = text.partition('<a id="index">')[2]
            for name in ANCHORS:
                if name[0] != "q":
                    self.assertIn(f"(#{name})", index)

    def test_the_questions_are_asked_at_the_beginning(self):
        for text in self.each():
            beginning = text.partition("## ")[0]
            for number in range(1, 6):
                self.assertIn(f"(#q{number})", beginning)

    def test_corrections_name_their_rule(self):
        for text in self.each():
            for quoted in re.findall(r"(?:^> .*\n)+", text, re.MULTILINE):
                if "**" in quoted:
                    self.assertRegex(quoted, r"§|RFC|MUST-|MAY-|SHLD-|#", quoted)

    def test_the_languages_run_the_same(self):
        if len(LANGUAGES) < 2:
            self.skipTest("one language only")
        told = [[(block.setting, [(step.command, step.output) for step in block.steps])
                 for block in read_blocks(path)] for path in LANGUAGES]
        self.assertEqual(*told)

    def test_the_languages_say_it_in_the_same_order(self):
        if len(LANGUAGES) < 2:
            self.skipTest("one language only")
        self.assertEqual(*[anchors(path.read_text(encoding="utf-8")) for path in LANGUAGES])


def slug(heading):
    """As GitHub makes them."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


if __name__ == "__main__":
    unittest.main()
