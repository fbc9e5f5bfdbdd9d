"""Do the times that masks.py hides agree? What a document says takes 2 s must not take 8.

Below LEAST nothing is judged: that is what a machine with other work to do takes. Beyond it two
times agree within FACTOR. The column of times counts from before a tool has set itself up, so its
differences from line to line are judged.
"""

import re

from masks import fold

LEAST = 0.5  # seconds
FACTOR = 2
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1}
_COLUMN = re.compile(r" {0,7}(\d[\d.]{0,7}) ")
_TIME = re.compile(r"(?<![\w.])(?:(\d+) min )?(\d+(?:\.\d+)?) ?(us|ms|s)\b|\+(\d+\.\d+),"
                   r"|pauses grow by (\d+\.\d+)")


def disagreement(shown, printed, first):
    """What disagrees in lines that are equal once masked, for people; None when nothing does.

    first: the output begins here, so the column's first time is what setting up took.
    """
    befores = None if first else (0.0, 0.0)
    for ours, theirs in zip(fold(shown), fold(printed)):
        pairs = list(zip(_times(ours), _times(theirs)))
        columns = _column(ours), _column(theirs)
        if None not in columns:
            if befores:
                pairs.append(tuple(now - before for now, before in zip(columns, befores)))
            befores = columns
        for one, other in pairs:
            if not agree(one, other):
                return f"{ours}\n  {one:.3f} s in the document, but {other:.3f} s in the run"
    return None


def agree(one, other):
    low, high = sorted((max(one, LEAST), max(other, LEAST)))
    return high <= FACTOR * low


def _column(line):
    found = _COLUMN.match(line)
    return float(found[1]) if found and found[1].count(".") == 1 else None


def _times(line):
    line = line[_COLUMN.match(line).end():] if _column(line) is not None else line
    for minutes, value, unit, again, ratio in _TIME.findall(line):
        yield 60 * int(minutes or 0) + float(value or again or ratio) * _UNITS.get(unit, 1)
