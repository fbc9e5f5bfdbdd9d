#!/usr/bin/env python3
"""Relative links of README.md, CONTRIBUTING.md and docs/ lead to files and headings that exist."""

import re
import tempfile
import unittest
from pathlib import Path
from urllib.parse import unquote

REPOSITORY = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^ *(```|~~~).*?^ *\1 *$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)(?!`)(?:(?!\n\n).)+?(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\]\(<?([^()<>\s]+(?:\([^()\s]*\))?)>?(?:\s+\"[^\"]*\")?\)")
REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]: *<?([^\s>]+)>?(?: +\"[^\"]*\")? *$", re.MULTILINE)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")


def documents():
    named = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"]
    return named + sorted((REPOSITORY / "docs").rglob("*.md"))


def links(text):
    prose = CODE.sub("`code`", FENCE.sub("", text))
    return [link for pattern in (LINK, REFERENCE) for link in pattern.findall(prose)
            if not ELSEWHERE.match(link)]


def anchors(text):
    """What GitHub makes of headings, the second of a name with -1, and what is anchored by hand."""
    found = set(re.findall(r'<a (?:id|name)="([^"]*)"', text))
    for heading in re.findall(r"^#{1,6} +(.*?)(?: +#+)?$", FENCE.sub("", text), re.MULTILINE):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", shown.strip().lower()).replace(" ", "-")
        found.add(next(one for one in [name, *(f"{name}-{n}" for n in range(1, 99))]
                       if one not in found))
    return found


def broken(path):
    """The links of a document that lead nowhere."""
    text = path.read_text(encoding="utf-8")
    for link in links(text):
        place, _, anchor = unquote(link).partition("#")
        target = path.parent / place if place else path
        if not target.exists():
            yield link
        elif anchor and target.suffix == ".md" \
                and anchor not in anchors(target.read_text(encoding="utf-8")):
            yield link


class Links(unittest.TestCase):
    def test_all_lead_somewhere(self):
        self.assertGreater(sum(len(links(path.read_text(encoding="utf-8")))
                               for path in documents()), 100)
        for path in documents():
            with self.subTest(str(path.relative_to(REPOSITORY))):
                self.assertEqual(list(broken(path)), [])


class Bites(unittest.TestCase):
    def broken(self, text):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "other.md").write_text("# A `b`, c\n\n# Twice\n\n# Twice\n"
                                                   "```\n# no heading\n```\n<a id=\"x\"></a>\n")
            path = Path(folder) / "a.md"
            path.write_text(text, encoding="utf-8")
            return list(broken(path))

    def test_right(self):
        for link in ("other.md", "other.md#a-b-c", "other.md#twice-1", "other.md#x", "#here", ".",
                     "https://example.com/none"):
            self.assertEqual(self.broken(f"# Here\n[x]({link})\n[y]: {link}\n"), [], link)
        self.assertEqual(self.broken("`[x](none.md)`\n\n```\n[x](none.md)\n```\n"), [])

    def test_wrong(self):
        for link in ("none.md", "other.md#b", "other.md#twice-2", "other.md#no-heading", "#there",
                     "none/other.md"):
            self.assertEqual(self.broken(f"# Here\n[x\ny]({link})\n"), [link])
            self.assertEqual(self.broken(f"# Here\n[x]: {link}\n"), [link])


if __name__ == "__main__":
    unittest.main()
