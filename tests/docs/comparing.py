"""Does what was printed match what a document shows? `...` stands for any lines."""

from blocks import ELISION
from masks import masked
from times import disagreement


def pieces(shown):
    """The shown lines between elisions; at both ends too, so that [] means 'anything may follow'."""
    found = [[]]
    for line in shown:
        if line.strip() == ELISION:
            found.append([])
        else:
            found[-1].append(line)
    return found


def align(shown, printed, exact):
    """Where each piece was printed, as (first, behind the last) for every piece; None: it was not.

    The first piece is where the output begins, the last where it ends.
    """
    parts = pieces(shown)
    places, start = [], 0
    for number, part in enumerate(parts):
        first, last = number == 0, number == len(parts) - 1
        place = _find(part, printed, start, first, last, exact)
        if place is None:
            return None
        places.append(place)
        start = place[1]
    return places


def _find(part, printed, start, first, last, exact):
    wanted = part if exact else masked(part)
    if not part and not (first and last):
        return (0, 0) if first else (len(printed), len(printed)) if last else (start, start)
    for begin in range(start, 1 if first else len(printed) + 1):
        lengths = [len(part)] if exact else range(max(0, len(part) - 6), len(part) + 7)
        for end in ([len(printed)] if last else [begin + length for length in lengths]):
            if begin <= end <= len(printed) and _same(part, wanted, printed[begin:end], exact, first):
                return begin, end
    return None


def _same(part, wanted, lines, exact, first):
    if exact:
        return wanted == lines
    return wanted == masked(lines) and not disagreement(part, lines, first)


def renewed(shown, printed, exact):
    """What the document should show; None when its elisions do not fit what was printed."""
    parts = pieces(shown)
    if len(parts) == 1:
        return printed
    places = align(shown, printed, exact)
    if places is None:
        return None
    found = []
    for number, (begin, end) in enumerate(places):
        found += ([ELISION] if number else []) + printed[begin:end]
    return found
