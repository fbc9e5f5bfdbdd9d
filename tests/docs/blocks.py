"""Command blocks of documents: where they stand, what they run, and what they say is printed.

In Markdown a block is fenced as ```console; in a man page's source (scdoc) by ```. In it

    $ COMMAND           is a command,
    > MORE              goes on with it,
    ...                 stands for any lines of output, or none,
    # COMMAND           in a man page is one of root's, and the block must be excused (see below),

and every other line is output. A command must end with status 0, or `$ echo $?` comes next. What
is printed is compared when the block shows any output (or `...`).

The comment right above a block (`<!-- … -->`, in a man page `; …`) may hold one of

    run: router N           with a router that forgets (scripts/classroom --router N)
    run: simulate           with tools that add --simulate to what is said: virtual time, any address
    not run: REASON; TEST   not at all; the program in tests/ or scripts/ that does it instead

In Markdown other fences hold no commands: `$ ` in one of them is a mistake, and so is ```sh without
`not run`.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

ELISION = "..."
PROMPTS = ("$ ", "# ")  # a user's; root's, in man pages alone


@dataclass
class Step:
    command: str
    line: int  # of the command, counted from 1
    output: list = field(default_factory=list)


@dataclass
class Block:
    path: Path
    line: int  # of the first line inside, counted from 1
    length: int
    steps: list
    setting: str = ""
    excuse: str = ""

    @property
    def key(self):
        return self.setting, tuple(step.command for step in self.steps)

    @property
    def shows_output(self):
        return any(step.output for step in self.steps)

    @property
    def place(self):
        return f"{self.path}:{self.line}"

    def lines(self):
        """As they stand in the document."""
        found = []
        for step in self.steps:
            first, *more = step.command.split("\n")
            found += [f"$ {first}", *(f"> {line}" if line else ">" for line in more), *step.output]
        return found


class Mistake(Exception):
    """A document that is not as the convention wants it."""


def read_blocks(path):
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    is_page = str(path).endswith(".scd")
    blocks, fence = [], None
    for number, line in enumerate(lines):
        opened = re.match(r"( *)```(\S*)\s*$", line)
        if fence is None and opened:
            fence = (number, opened[2])
        elif opened and not opened[2]:
            blocks += _block(path, lines, fence, number, is_page)
            fence = None
    if fence is not None:
        raise Mistake(f"{path}:{fence[0] + 1}: a fence that is never closed")
    return blocks


def _block(path, lines, fence, end, is_page):
    start, word = fence
    inner = lines[start + 1:end]
    has_commands = any(line.startswith(PROMPTS[:1 + is_page]) for line in inner)
    comment = _comment_above(lines, start, is_page)
    if is_page and not comment["excuse"] and any(line.startswith("# ") for line in inner):
        raise Mistake(f"{path}:{start + 1}: root's commands without 'not run: REASON; TEST'")
    if is_page and not has_commands:
        return []
    if not is_page and word != "console":
        if comment["excuse"]:
            return [Block(Path(path), start + 2, len(inner), [], **comment)]
        if has_commands or word in ("bash", "shell", "sh"):
            raise Mistake(f"{path}:{start + 1}: commands in a fence that is not ```console")
        return []
    steps = _steps(path, inner, start + 2, PROMPTS[:1 + is_page])
    return [Block(Path(path), start + 2, len(inner), steps, **comment)]


def _comment_above(lines, start, is_page):
    text, number = "", start - 1
    if is_page:
        while number >= 0 and lines[number].startswith("; "):
            text, number = f"{lines[number][2:]} {text}", number - 1
    elif number >= 0 and lines[number].rstrip().endswith("-->"):
        while number >= 0:
            text = f"{lines[number]} {text}"
            if lines[number].lstrip().startswith("<!--"):
                break
            number -= 1
        text = text.replace("<!--", "").replace("-->", "")
    text = " ".join(text.split())
    excuse = re.match(r"not run: (.*)", text)
    if excuse and not re.search(r"; .*(tests|scripts)/\S", excuse[1]):
        raise Mistake(f"line {start}: 'not run: REASON; TEST' names no test: {text}")
    setting = re.match(r"run: (.*)", text)
    if setting and not re.fullmatch(r"router \d+|simulate", setting[1]):
        raise Mistake(f"line {start}: no such setting: {setting[1]}")
    return {"setting": setting[1] if setting else "", "excuse": excuse[1] if excuse else ""}


def _steps(path, inner, first, prompts):
    steps = []
    for offset, line in enumerate(inner):
        if line.startswith(prompts):
            steps.append(Step(line[2:], first + offset))
        elif steps and not steps[-1].output and (line == ">" or line.startswith("> ")) \
                and _goes_on(steps[-1].command):
            steps[-1].command += "\n" + line[2:]
        elif steps:
            steps[-1].output.append(line.rstrip())
        else:
            raise Mistake(f"{path}:{first + offset}: output before any command")
    if not steps:
        raise Mistake(f"{path}:{first}: a block without a command")
    return steps


def _goes_on(command):
    """A here-document, an open quote or a backslash: what makes a shell print its `> `."""
    last = command.split("\n")[-1]
    return last.endswith("\\") or "<<" in command.split("\n")[0] or command.count("'") % 2 == 1
