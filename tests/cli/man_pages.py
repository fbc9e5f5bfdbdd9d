"""Reads the sources of the man pages, put together as cmake/man-page.cmake does it."""
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "docs" / "man"


def plain(text):
    """Without scdoc's marks."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)[*_]", "", text))


def assembled(name):
    """The page's source with what it shares with others."""
    text = (FOLDER / f"{name}.scd").read_text(encoding="utf-8")
    for _ in range(2):
        for part in (FOLDER / "shared").glob("*.scd"):
            text = text.replace("{{%s}}" % part.stem, part.read_text(encoding="utf-8").rstrip("\n"))
    return text.replace("{{version}}", "")


def names():
    return sorted(path.stem for path in FOLDER.glob("*.scd"))


def sections(text):
    """Heading: the text below it. Of a heading below another: `OUTER/INNER`."""
    found, at = {}, ""
    for line in text.splitlines():
        heading = re.match(r"(#+) (.*)", line)
        if heading:
            outer = at.split("/")[0]
            at = heading[2] if heading[1] == "#" else f"{outer}/{heading[2]}"
            found[at] = ""
        elif at:
            found[at] += line + "\n"
    return found


def entries(section):
    """What is explained: lines that begin with a bold word and have an indented line below."""
    lines = section.splitlines()
    return [line for line, below in zip(lines, lines[1:])
            if line.startswith("*") and below.startswith("\t")]
