"""tcp-keepalive serve against kernel clients: what they say comes back, who dies is found, who
lives is left alone; both families.

TCPCRAFT_CROWD=N lets N clients come (default: 240 of each family), and with it the time in which
the dead are found is a condition, too: idle + count x interval + 1 s. TCPCRAFT_CROWD_SEED=S
repeats a run.
"""

import datetime
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time

import crowd
import lab

COUNT = 3
LARGE = int(os.environ.get("TCPCRAFT_CROWD", "0"))
CLIENTS = LARGE or 240
SEED = int(os.environ.get("TCPCRAFT_CROWD_SEED", random.randrange(1 << 32)))
# How each fate may end: what the tool says of the client.
ENDS = {"closes": {"closed"}, "aborts": {"reset"}, "restarts": {"restarted", "reset"},
        "cut": {"dead"}, "killed": {"closed", "reset"}}


class Server:
    """The tool at work in the server host."""

    def __init__(self, case, family, port, *words):
        self.run = case.start("serve", str(port), f"-{family}", "--json=events", *words,
                              host="server")
        text = lab.wait_until(lambda: self.events("serving"), "the tool to serve")[0]["started_at"]
        started = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        self.started_at = started.timestamp()

    def events(self, kind=None):
        lines = self.run.said().splitlines(keepends=True)
        all_of_them = [json.loads(line) for line in lines if line.endswith("\n")]
        return [e for e in all_of_them if kind in (None, e["event"])]

    def clients(self, *changes):
        return [e for e in self.events("client") if not changes or e["change"] in changes]

    def stop(self):
        self.run.signal(signal.SIGINT)
        return self.run.end()

    def usage(self):
        """Resident octets, and seconds of CPU."""
        with open(f"/proc/{self.run.pid}/status", encoding="ascii") as status:
            resident = next(line for line in status if line.startswith("VmRSS"))
        with open(f"/proc/{self.run.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return int(resident.split()[1]) * 1024, ticks / os.sysconf("SC_CLK_TCK")


class Echo(lab.Case):
    """Real programs as clients."""

    @lab.both_families
    def test_all_comes_back(self, family):
        port = 7600 + family
        server = Server(self, family, port)
        text = random.Random(7).randbytes(400_000)
        client = self.closing(lab.socket_in("client", family))
        client.connect((lab.address_of("server", family), port))
        back = bytearray()
        def read():
            while got := client.recv(65536):
                back.extend(got)
        reader = threading.Thread(target=read)
        reader.start()
        client.sendall(text)
        client.shutdown(socket.SHUT_WR)
        reader.join(lab.PATIENCE)
        self.assertEqual(bytes(back), text)
        lab.wait_until(lambda: server.clients("closed"), "the client's end")
        self.assertEqual(server.clients("closed")[0]["octets_in"], len(text))
        done = server.stop()
        self.assertEqual(done.status, 130, str(done))
        self.assertEqual(lab.own_rules("server"), [])

    @lab.both_families
    def test_who_does_not_read_is_slowed_down(self, family):
        """An echo holds a window's worth; the rest waits with the client."""
        port = 7610 + family
        server = Server(self, family, port)
        client = self.closing(lab.socket_in("client", family))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        client.connect((lab.address_of("server", family), port))
        client.settimeout(1)
        sent = 0
        try:
            while sent < 50_000_000:
                sent += client.send(bytes(65536))
        except TimeoutError:
            pass
        self.assertLess(sent, 50_000_000)
        client.settimeout(lab.PATIENCE)
        client.shutdown(socket.SHUT_WR)
        back = 0
        while got := client.recv(65536):
            back += len(got)
        self.assertEqual(back, sent)
        done = server.stop()
        self.assertEqual(done.status, 130, str(done))

    @lab.both_families
    def test_programs(self, family):
        port = 7620 + family
        server = Server(self, family, port)
        address = lab.address_of("server", family)
        where = lab.target("server", family, port)
        commands = {"nc": ["nc", "-N", address, str(port)],
                    "curl": ["curl", "-sN", f"telnet://{where}"]}
        for name, command in commands.items():
            if not shutil.which(name):
                continue
            with self.subTest(name):
                said = f"from {name}\n"
                program = subprocess.Popen(lab.command_in("client", *command), text=True,
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                self.addCleanup(program.kill)
                program.stdin.write(said)
                program.stdin.flush()
                self.assertEqual(program.stdout.readline(), said)
                program.stdin.close()
                if name == "curl":  # it stays for what may still come
                    program.terminate()
                program.wait(lab.PATIENCE)
                program.stdout.close()
        lab.wait_until(lambda: len(server.clients("closed")) == len(server.clients("connected")),
                       "their ends")
        self.assertEqual(server.stop().status, 130)

    @lab.both_families
    def test_discard_and_one_too_many(self, family):
        port = 7630 + family
        server = Server(self, family, port, "--discard", "--max-clients", "1")
        first, second = (self.closing(lab.socket_in("client", family)) for _ in range(2))
        first.connect((lab.address_of("server", family), port))
        first.sendall(b"anything")
        with self.assertRaises(ConnectionRefusedError):
            second.connect((lab.address_of("server", family), port))
        first.shutdown(socket.SHUT_WR)
        self.assertEqual(first.recv(100), b"")
        lab.wait_until(lambda: server.clients("closed"), "the client's end")
        self.assertEqual([e["change"] for e in server.clients()],
                         ["connected", "refused", "closed"])
        server.stop()

    @lab.both_families
    def test_all_are_closed_in_the_end(self, family):
        """Ctrl-C: a FIN for everybody; who answers is closed, who does not is reset."""
        port = 7640 + family
        server = Server(self, family, port)
        polite, deaf = (self.closing(lab.socket_in("client", family)) for _ in range(2))
        for client in (polite, deaf):
            client.connect((lab.address_of("server", family), port))
        lab.wait_until(lambda: len(server.clients("connected")) == 2, "both")
        server.run.signal(signal.SIGINT)
        self.assertEqual(polite.recv(1), b"")
        polite.close()
        done = server.run.end()
        self.assertEqual(done.status, 130, str(done))
        self.assertEqual(deaf.recv(1), b"")
        with self.assertRaises(BrokenPipeError):
            deaf.send(b"too late")
        states = [json.loads(line).get("state") for line in done.stdout.splitlines()
                  if '"ended"' in line and '"client"' in line]
        self.assertEqual(sorted(states), ["FIN-WAIT-2", "TIME-WAIT"], str(done))
        self.assertEqual(lab.own_rules("server"), [])


class Crowd(lab.Case):
    """Hundreds at once, a third of which dies."""

    def setUp(self):
        print(f"seed {SEED}, {CLIENTS} clients", flush=True)
        self.idle, self.interval, self.within = (10.0, 2.0, 15.0) if LARGE else (2.0, 0.7, 2.0)
        self.limit = self.idle + COUNT * self.interval

    def test_the_dead_are_found_and_nobody_else_v4(self):
        self.live(4)

    def test_the_dead_are_found_and_nobody_else_v6(self):
        self.live(6)

    def live(self, family):
        port = 7650 + family
        server = Server(self, family, port, "--idle", str(self.idle), "--interval",
                        str(self.interval), "--count", str(COUNT))
        empty = server.usage()[0]
        members = crowd.drawn(SEED, CLIENTS, self.within)
        clients = self.come(family, port, members)
        resident, busy = server.usage()
        clients.live(SEED)
        self.await_ends(server, sum(m.fate in ENDS for m in members))
        clients.look()
        self.judge(server, clients)
        print(f"IPv{family}: {(resident - empty) / CLIENTS:.0f} octets resident a client, "
              f"{server.usage()[1] - busy:.2f} s of CPU since", flush=True)
        self.stop(server, family)

    def come(self, family, port, members):
        began = time.monotonic()
        clients = crowd.Crowd(family, port, members, self.within)
        self.addCleanup(clients.end)
        self.assertEqual((clients.connect(), clients.told.mishaps), (CLIENTS, []), f"seed {SEED}")
        print(f"IPv{family}: all connected after {time.monotonic() - began:.2f} s", flush=True)
        return clients

    def await_ends(self, server, count):
        """Until the tool has told as many ends as there were deaths; more would be too many."""
        words = {f'"change":"{change}"' for changes in ENDS.values() for change in changes}
        end = time.monotonic() + lab.PATIENCE + 2 * self.limit
        while time.monotonic() < end:
            said = server.run.said()
            if sum(said.count(word) for word in words) >= count:
                return
            time.sleep(0.5)
        self.fail(f"seed {SEED}: not all of {count} ends within a minute: {said[-3000:]}")

    def judge(self, server, clients):
        self.assertEqual(clients.told.mishaps, [], f"seed {SEED}")
        ends = {}
        for event in server.clients(*set().union(*ENDS.values()), "unreachable", "unopened"):
            self.assertNotIn(event["remote"], ends, f"seed {SEED}: ended twice: {event}")
            ends[event["remote"]] = event
        wrong, late = [], {}
        for name, fate in clients.told.names.items():
            end = ends.get(name)
            if (end["change"] if end else None) not in ENDS.get(fate, {None}):
                wrong.append((name, fate, end))
            elif end:
                found = server.started_at + end["t"] - clients.told.died[name]
                late.setdefault(fate, []).append(found)
                self.judge_end(end, found, fate)
        self.assertEqual(wrong, [], f"seed {SEED}: {len(wrong)} are wrong")
        for fate, times in sorted(late.items()):
            print(f"  {fate}: {len(times)}, found after {min(times):.3f} to {max(times):.3f} s",
                  flush=True)

    def judge_end(self, end, found, fate):
        """Order and cause always; how soon where the run is one for figures."""
        told = f"seed {SEED}: {fate}, found after {found:.3f} s: {end}"
        if end["change"] == "dead":
            self.assertGreaterEqual(end["silence"], self.limit, told)
        if fate == "cut":  # heard last before it was cut: so much is certain
            self.assertGreaterEqual(found, 0, told)
        if LARGE:
            self.assertLessEqual(found, self.limit + 1, told)

    def stop(self, server, family):
        done = server.stop()
        self.assertEqual(done.status, 130, str(done)[-2000:])
        result = json.loads(done.stdout.splitlines()[-1])
        print(f"IPv{family}: {result['clients']}, {result['probes']} probes, capture lost "
              f"{result['capture_lost']}", flush=True)
        self.assertEqual((result["capture_lost"], result["escaped_resets"]), (0, 0))
        self.assertEqual(lab.own_rules("server"), [])


if __name__ == "__main__":
    lab.main()
