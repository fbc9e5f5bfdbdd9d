#!/usr/bin/env python3
"""Do bash, zsh and fish offer what the option tables have, and nothing else?"""
import functools
import json
import os
import subprocess
import sys
import tempfile
import unittest

import shells

TOOLS = os.environ["TCPCRAFT_TOOLS"]
SCRIPTS = os.environ["TCPCRAFT_COMPLETIONS"]  # as they are installed
ALL = ("tcp-handshake", "tcp-keepalive", "tcp-script", "tcp-teardown", "tcpcraft")
FILES = {"some.file"}
INTERFACES = {entry.name for entry in os.scandir("/sys/class/net") if entry.is_symlink()}
NAMESPACES = set(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else set()


@functools.cache
def tables(tool):
    made = subprocess.run([os.path.join(TOOLS, tool), "--completions", "json"], text=True,
                          timeout=60, capture_output=True, check=True)
    return json.loads(made.stdout)["verbs"]


def values(option):
    """What is to be offered for its value."""
    of_kind = {"FILE": FILES, "IF": INTERFACES, "NAME|PID": NAMESPACES}
    return set(option["words"]) or of_kind.get(option["value"], set())


def verbs():
    """Command line that leads to a verb, and its table."""
    for tool in ALL:
        for verb in tables(tool):
            yield f"{tool} {verb['verb']}".strip(), verb


def visible(verb):
    return [option for option in verb["options"] if not option["hidden"]]


def questions():
    """Lines, and what is to be offered at their end."""
    for start, verb in verbs():
        options = visible(verb)
        names = {name for option in options for name in option["names"]}
        yield f"{start} -", names
        if verb["commands"] or verb["positional"]:  # else zsh offers options without being asked
            positional = set(verb["commands"]) or set(verb["words"])
            yield f"{start} ", positional or (FILES if "FILE" in verb["positional"] else set())
        for option in options:
            takes = option["value"] and not option["value"].startswith(",")
            for name in option["names"] if takes else ():
                if not option["optional_value"]:
                    yield f"{start} {name} ", values(option)
                if name.startswith("--"):
                    yield f"{start} {name}=", values(option)
        yield from once(start, options)


def once(start, options):
    """A flag that stands there is not offered again, unless it may be repeated."""
    flags = [option for option in options if not option["value"]][:3]
    flags = [one for one in flags if one["names"][-1] not in ("--help", "--version")]
    flags += [option for option in options if option["repeatable"] and not option["value"].isupper()]
    names = {name for option in options for name in option["names"]}
    if flags:
        line = " ".join(option["names"][-1] for option in flags)
        gone = {name for one in flags for name in one["names"] if not one["repeatable"]}
        yield f"{start} {line} -", names - gone


MORE = [
    ("tcp-handshake --then h", {"hold", "hold:"}),
    ("tcp-handshake --third=l", {"late:"}),
    ("tcp-handshake --send ", set()),
    ("tcp-handshake --send @", {"@some.file"}),
    ("tcp-handshake --send @s", {"@some.file"}),
    ("tcp-handshake --color=a", {"auto", "always"}),
    ("tcp-teardown 192.0.2.1:80 reset", {"reset-in-window", "reset-outside-window"}),
    ("tcp-teardown 192.0.2.1:80 reset-in-window reset-", {"reset-outside-window"}),
    ("tcp-script 192.0.2.1:80 so", FILES),
]


def bare(line, words):
    """Without the option before `=`, which some shells repeat, and without the `=` that may follow."""
    last = line.rsplit(" ", 1)[1]
    before = last[:last.find("=") + 1]
    return {word.removeprefix(before).removesuffix("=") for word in words} - {last, ""}


class Completions:
    shell = None

    def test_offers_what_the_tables_have(self):
        missing = self.shell.missing()
        if missing:
            print(f"NOT TESTED with {self.shell.name}: {missing}", file=sys.stderr)
            self.skipTest(missing)
        scripts = [os.path.join(SCRIPTS, self.shell.file.format(tool)) for tool in ALL]
        with tempfile.TemporaryDirectory() as folder:
            open(os.path.join(folder, *FILES), "w", encoding="utf-8").close()
            shell = self.shell(scripts, folder)
            try:
                self.ask(shell)
            finally:
                shell.close()

    def ask(self, shell):
        asked = [*questions(), *MORE]
        self.assertGreater(len(asked), 200)
        for (line, wanted), offered in zip(asked, shell.offers([line for line, _ in asked])):
            with self.subTest(line=line):
                self.assertEqual(sorted(bare(line, offered)), sorted(wanted - {line.split()[-1]}))


class Bash(Completions, unittest.TestCase):
    shell = shells.Bash


class Zsh(Completions, unittest.TestCase):
    shell = shells.Zsh


class Fish(Completions, unittest.TestCase):
    shell = shells.Fish


if __name__ == "__main__":
    unittest.main()
