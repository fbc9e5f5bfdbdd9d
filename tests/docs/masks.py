"""What two true runs may differ in: times, ports and initial sequence numbers. Nothing else.

Lines that the tools have wrapped are joined first, since a number with a digit less moves the wrap.
"""

import re

MASKS = [
    (r"^( {0,7})\d[\d.]{0,7}(?= )", "<time>", "the column of times"),
    (r"(?<![\w.])\d+(\.\d+)?(?= ?(us|ms)\b) ?(us|ms)", "<time>", "what was measured"),
    (r"(?<![\w.])\d+\.\d+ s\b", "<time>", "what was measured"),
    (r"\+\d+\.\d+(?= s\b|,)", "+<time>", "when a segment came again"),
    (r"pauses grow by \d+\.\d+", "pauses grow by <time>", "the ratio of two such times"),
    (r"\b(after|every) \d+ s\b", r"\1 <time>", "what was measured, and happens to be whole"),
    (r"another (\d+ min )?\d+ s", "another <time>", "what was left of TIME-WAIT"),
    (r"<time> \((kernel timestamps|our clock)\)", "<time>", "by whose clock"),
    (r"\bTS val \d+", "TS val <time>", "the peer's clock"),
    (r"\becr [1-9]\d*", "ecr <time>", "our clock"),
    (r"(\"[a-z_]+\": ?)\d+\.\d+", r"\1<time>", "JSON"),
    (r"(\"started_at\": ?)\"[^\"]*\"", r"\1<time>", "JSON"),
    (r"timer:\((\w+),[^,]*,", r"timer:(\1,<time>,", "ss"),
    (r"(10\.77\.[12]\.2|fd77:[12]::2\]?)([.:])(?:3[2-9]|[45]\d|6[0-5])\d{3}\b", r"\1\2<port>",
     "a port that a kernel chose"),
    (r"--sport \d{5}", "--sport <port>", "the same"),
    (r"\b(ISS|IRS|seq|ack) \d{6,10}(?!\d)", r"\1 <ISN>", "absolute numbers"),
    (r"\b([xyuvw]0?'?) = \d{6,10}\b", r"\1 = <ISN>", "absolute numbers"),
    (r"(\"(?:seq|ack|isn|peer_isn|iss|irs)\": ?)\d+", r"\1<ISN>", "JSON"),
]

_COMPILED = [(re.compile(pattern), masked) for pattern, masked, _ in MASKS]
_BODY = re.compile(r"^ {22}│  (.*?) *│( \S.*)?$")
_NOTE = re.compile(r"^ {9}(?=\S)")
_ARROW = re.compile(r"[├◄]─.*─[┤►]")


def fold(lines):
    """Joins what the ladder has wrapped: the text under an arrow, and the notes."""
    found, kind = [], None
    for line in lines:
        body, note = _BODY.match(line), _NOTE.match(line)
        if body and not body[2] and kind == "body":
            found[-1] += " " + body[1]
        elif note and found and kind in ("note", "plain"):
            found[-1] += " " + line.strip()
        else:
            found.append(line)
            kind = "body" if body and not body[2] else "arrow" if "│" in line else "plain"
            kind = "note" if note else kind
            if kind == "body":
                found[-1] = " " * 22 + "│  " + body[1]
    return [re.sub(r",\s+", ",", line.rstrip()) for line in found]


def masked(lines):
    """Lines that are equal if nothing but times, ports and numbers differs."""
    return [mask(line) for line in fold(lines)]


def mask(line):
    before = line
    for pattern, replacement in _COMPILED:
        line = pattern.sub(replacement, line)
    if line != before and _ARROW.search(line) and "<ISN>" in line:
        line = re.sub("─+", "─", line)  # the arrow's shaft is as long as the numbers leave it
    elif line != before and "<port>" in line:
        line = re.sub(" {2,}", "  ", line)
    return line
