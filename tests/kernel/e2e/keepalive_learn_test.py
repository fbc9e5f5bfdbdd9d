"""tcp-keepalive learn against the kernel's TCP: idle, interval and count as they were set, exact
after rounding to a second, and the right end; many peers of both families in one run, both roles;
and against servers that set their own."""

import contextlib
import json
import select
import signal
import socket
import threading
import unittest

import lab
import servers

# TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT
SETTINGS = [(1, 1, 2), (2, 1, 3), (3, 1, 4), (1, 2, 2), (4, 2, 3), (5, 1, 5), (2, 3, 3), (6, 1, 6)]
QUIET = (3, 2, 2)  # of those whose reset is lost
FORM = {"len": 0, "seq_offset": -1, "timestamps": True}


def keep_alive(sock, idle, interval, count):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count)
    return sock


def learnt(found):
    """What a result says, as it was set."""
    return (found["idle"] and round(found["idle"]), found["interval"] and round(found["interval"]),
            found["probes"], found["ending"])


class Holders:
    """Servers that accept and do nothing; what they accept has their keep-alive."""

    def __init__(self):
        self._listeners, self._held = [], []
        self._end, self._ended = socket.socketpair()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def listen(self, family, port, times):
        self._listeners.append(keep_alive(lab.listener_in("server", family, port), *times))
        return lab.target("server", family, port)

    def start(self):
        self._thread.start()

    def _accept(self):
        while True:
            ready, _, _ = select.select([*self._listeners, self._ended], [], [])
            if self._ended in ready:
                return
            self._held += [listener.accept()[0] for listener in ready]

    def close(self):
        self._end.close()
        self._thread.join()
        for sock in (*self._listeners, *self._held, self._ended):
            sock.close()


class Case(lab.Case):
    def list_of(self, targets):
        file = self.folder() / "targets"
        file.write_text("".join(f"{target}\n" for target in targets))
        return file

    @staticmethod
    def results(done):
        return {found["target"]: found for found in map(json.loads, done.stdout.splitlines())}

    def lose_resets_with_ack(self, family, port):
        """The reset that ends a keep-alive bears ACK; the answer to a segment without a TCB not."""
        for verb in ("-I", "-D"):
            words = ["ip6tables" if family == 6 else "iptables", verb, "OUTPUT", "-p", "tcp",
                     "--sport", str(port), "--tcp-flags", "RST,ACK", "RST,ACK", "-j", "DROP"]
            if verb == "-I":
                lab.output_in("server", *words)
            else:
                self.addCleanup(lab.output_in, "server", *words)


class Kernel(Case):
    def test_of_servers_and_clients(self):
        """All at once: the waiting is the same."""
        wanted, clients = self.serve(), {}
        tool = self.start("learn", "--targets", self.list_of(wanted), "--rate", "50", "--json",
                          "--patience", "30")
        listening = self.start("learn", "-l", "7480", "--accept", str(2 * len(SETTINGS)), "--json",
                               "--patience", "30", host="server")
        for family in lab.FAMILIES:
            for times in SETTINGS:
                clients[self.connect(family, 7480, times)] = times
        self.check_servers(tool.end(), wanted)
        self.check_clients(listening.end(), clients)

    def serve(self):
        """Who is to be asked, and what is to be learnt."""
        holders = self.closing(Holders())
        wanted = {}
        for family in lab.FAMILIES:
            for number, times in enumerate(SETTINGS):
                wanted[holders.listen(family, 7400 + number, times)] = (*times, "reset")
            wanted[holders.listen(family, 7420, QUIET)] = (*QUIET, "silent")
            self.lose_resets_with_ack(family, 7420)
        holders.start()
        return wanted

    def connect(self, family, port, times):
        """A client with this keep-alive; its address as the tool writes it."""
        def connected():
            client = self.closing(keep_alive(lab.socket_in("client", family), *times))
            with contextlib.suppress(OSError):
                client.connect((lab.address_of("server", family), port))
                return client
            return None
        client = lab.wait_until(connected, "the tool to listen")
        return f"{lab.bracketed(lab.address_of('client', family))}:{client.getsockname()[1]}"

    def check_servers(self, done, wanted):
        self.assertEqual(done.status, 0, done)
        found = self.results(done)
        self.assertEqual({target: learnt(one) for target, one in found.items()}, wanted, done)
        for one in found.values():
            self.assertEqual((one["probe_form"], one["profile"]), (FORM, "configured"))

    def check_clients(self, done, wanted):
        self.assert_status(done, 0)
        found = {one["peer"]: learnt(one) for one in done.result["connections"]}
        self.assertEqual(found, {peer: (*times, "reset") for peer, times in wanted.items()}, done)


class Servers(Case):
    def test_their_own_settings(self):
        """redis-server, nginx, haproxy; sshd's are those of its host."""
        kinds = [kind for kind in servers.KEEP_ALIVE if servers.is_here(kind)]
        if not kinds:
            self.skipTest("none of the servers is here")
        for name, value in zip(("time", "intvl", "probes"), servers.KEEP_ALIVE["sshd"][0]):
            lab.output_in("server", "sysctl", "-qw", f"net.ipv4.tcp_keepalive_{name}={value}")
        wanted = {}
        for number, kind in enumerate(kinds):
            server = servers.Server(kind, 7440 + number, self.folder(), keep_alive=True)
            self.addCleanup(server.stop)
            for family in lab.FAMILIES:
                target = lab.target("server", family, server.port)
                wanted[target] = (kind, *servers.KEEP_ALIVE[kind][0], "reset")
        done = self.run_tool("learn", "--targets", self.list_of(wanted), "--json", "--patience",
                             "30")
        found = self.results(done)
        self.assertEqual({target: (wanted[target][0], *learnt(one))
                          for target, one in found.items()}, wanted, done)
        self.assertEqual(done.status, 0, done)


class Interrupted(Case):
    def test_what_is_known_so_far(self):
        """SIGINT while some probe, some have not yet, and some have not been tried."""
        holders = self.closing(Holders())
        targets = [holders.listen(family, 7460, (1, 1, 50)) for family in lab.FAMILIES]
        targets += [holders.listen(family, 7461, (1000, 1, 1)) for family in lab.FAMILIES]
        holders.start()
        tool = self.start("learn", "--targets", self.list_of(targets * 2), "--in-flight", "4",
                          "--json=events")
        lab.wait_until(lambda: tool.said().count("its keep-alive probe") >= 8
                       or tool.said().count('"fault":"drop"') >= 8, "probes")
        tool.signal(signal.SIGINT)
        done = tool.end()
        self.assertEqual(done.status, 130, done)
        result = json.loads(done.stdout.splitlines()[-1])
        found = result["connections"]
        self.assertEqual((result["exit_status"], len(found)), (130, 8))
        self.assertEqual([one["tried"] for one in found], [True] * 4 + [False] * 4)
        self.assertEqual({one["exit_status"] for one in found}, {130})
        probing = [one for one in found if one["tried"] and ":7460" in one["target"]]
        self.assertEqual([(round(one["idle"]), round(one["interval"]), one["probes"])
                          for one in probing], [(1, 1, None)] * 2)
        self.assertEqual({one["idle"] for one in found if one not in probing}, {None})
        lab.wait_until(lambda: not lab.own_rules("client"), "its rules to go")

    def test_a_rule_for_each_family(self):
        holders = self.closing(Holders())
        targets = [holders.listen(family, 7465, (1000, 1, 1)) for family in lab.FAMILIES]
        holders.start()
        tool = self.start("learn", "--targets", self.list_of(targets * 3), "--rate", "100")
        lab.wait_until(lambda: len(lab.sockets("server", 7465, "ESTAB")) == 6, "connections")
        rules = [rule for rule in lab.own_rules("client") if "DROP" in rule]
        self.assertEqual(len(rules), 2, rules)
        tool.signal(signal.SIGTERM)
        done = tool.end()
        self.assertEqual(done.status, 130, done)
        self.assertIn("interrupted", done.stdout)
        self.wait_gone(7465)


if __name__ == "__main__":
    lab.main()
