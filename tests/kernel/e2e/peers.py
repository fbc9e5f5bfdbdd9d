"""tcp-teardown against real servers: what it said of each, as scripts/peers-seen writes it down."""

import re
import shlex
import sys
import threading
from collections import namedtuple

import lab
from servers import KINDS, Server, is_here, version

IDLE = 150  # seconds for which a connection is left alone
FIRST_PORT = 8021
REQUESTS = ("request", "nothing")  # what is said: a request after which it closes; nothing at all

# One scenario's result; text without measurements, which `measured` has.
Seen = namedtuple("Seen", "family said scenario verdict text rule measured")
# What a connection came to on which nobody said anything.
Idle = namedtuple("Idle", "family after octets flags")


class Peer:
    """A server, and all that was seen of it."""

    def __init__(self, kind, port):
        self.kind, self.port, self.version = kind, port, version(kind)
        self.seen, self.idle = [], []
        self._folder = lab.temporary_folder()
        self._server = Server(kind, port, self._folder)
        self.command = shlex.join(self._public(word) for word in self._server.command)

    def _public(self, word):
        return re.sub(r"^/usr/s?bin/", "", word).replace(str(self._folder), "DIR")

    def configurations(self):
        """name: text, of the files that its command names."""
        named = [word for word in self._server.command if word.startswith(str(self._folder) + "/")]
        files = [self._folder / name for name in ("nginx.conf", "haproxy.cfg", "sshd_config")]
        return {file.name: file.read_text().replace(str(self._folder), "DIR").strip()
                for file in files if str(file) in named}

    def look(self, family, said, words):
        words = [lab.target("server", family, self.port), "--json", *words]
        if said == "request":
            words += ["--send", KINDS[self.kind].closing]
        done = lab.Run(*words).end(20 * lab.PATIENCE)
        if done.status not in (0, 1, 3):
            raise AssertionError(f"{self.kind}: {done}")
        measured = {made["name"]: made for made in done.result["measurements"]}
        for made in done.result["scenarios"]:
            now = (family, said, made["name"])  # seen for longer than before
            self.seen = [s for s in self.seen if (s.family, s.said, s.scenario) != now]
            self.seen.append(Seen(family, said, made["name"], made["verdict"],
                                  without_measurements(made["text"]), made["rule"],
                                  measured[made["name"]]))

    def leave_alone(self, family):
        done = lab.Run(lab.target("server", family, self.port), "--json", "passive-close",
                       "--patience", IDLE).end(20 * lab.PATIENCE)
        arrived = done.segments("in")
        last = [s for s in arrived if set(s["flags"]) & set("FR")]
        self.idle.append(Idle(family, last[0]["t"] - arrived[0]["t"] if last else None,
                              sum(s["len"] for s in arrived), last[0]["flags"] if last else ""))

    def stop(self):
        self._server.stop()
        lab.remove_folder(self._folder)


def without_measurements(text):
    """What was said besides lengths of time."""
    text = re.sub(r"^[A-Z0-9-]+ (?:lasts|is over) [^;]*(?:; |$)", "", text)
    return re.split(r"; (?:its ACK came|three segments|four segments|our FIN again|its FIN again|"
                    r"\d+ octets)", text)[0]


def start(kinds):
    """Peers of these kinds; what is not installed is told and left out."""
    made = []
    for port, kind in enumerate(kinds, FIRST_PORT):
        if is_here(kind):
            made.append(Peer(kind, port))
        else:
            print(f"peers-seen: {kind} is not installed and is left out", file=sys.stderr)
    return made


def together(*calls):
    """All calls at once; the first that fails fails all."""
    failed = []

    def attempt(call):
        try:
            call()
        except BaseException as error:  # pylint: disable=broad-except
            failed.append(error)
    threads = [threading.Thread(target=attempt, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def watch(peers, scenarios, minutes):
    """Every scenario, server after server; what takes minutes, all servers at once."""
    for peer in peers:
        print(f"peers-seen: {peer.kind} {peer.version}", file=sys.stderr)
        together(*(lambda f=family, s=said: peer.look(f, s, scenarios)
                   for family in lab.FAMILIES for said in REQUESTS))
    if minutes:
        print("peers-seen: what takes minutes", file=sys.stderr)
        together(*(call for peer in peers for family in lab.FAMILIES
                   for call in (lambda p=peer, f=family: p.look(f, "request", [*minutes, "--long"]),
                                lambda p=peer, f=family: p.leave_alone(f))))
