"""tcp-teardown by way of 80 ms and 2 % loss (the laboratory's own bridge): the verdicts of the quiet
network, and nothing is blamed on the peer that the path did.

By hand, with more: TCPCRAFT_WAN="SEEDS DELAY LOSS" (a range like 1-30, milliseconds one way,
percent) in the environment of `wan_test.py TOOL`; the counts are printed.
"""

import collections
import json
import os
import socket
import sys

import lab
import teardown_peers

SEEDS, DELAY, LOSS = os.environ.get("TCPCRAFT_WAN", "2026-2026 40 2").split()
FIRST, LAST = (int(end) for end in SEEDS.split("-"))
PORT, OURS = 7020, 7021
PORTS = iter(range(20000, 60000, 20))


def set_bridge(seed):
    """Returns what was carried and lost since the last time."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.connect(os.environ["LAB_BRIDGE"])
        door.send(json.dumps({"delay": int(DELAY) / 1000, "loss": float(LOSS),
                              "seed": seed}).encode())
        return json.loads(door.recv(1000))


class Wan(lab.Case):
    def assert_fair(self, done, seed, at_least):
        """Not one verdict against the peer, and nearly all as on a quiet network."""
        verdicts = {s["name"]: s["verdict"] for s in done.result["scenarios"]}
        self.assertNotIn("violates", verdicts.values(), f"seed {seed}: {done}")
        conforming = [name for name, verdict in verdicts.items() if verdict == "conforms"]
        self.assertGreaterEqual(len(conforming), at_least, f"seed {seed}: {verdicts}")
        return verdicts

    def test_client(self):
        """All that `all` plays, half of it at a time."""
        names = [line.split()[0] for line in
                 lab.output_in("client", lab.TOOL, "list").splitlines()[1:]]
        names.remove("fin-wait-2-timeout")
        counts = collections.Counter()
        for seed in range(FIRST, LAST + 1):
            set_bridge(seed)
            servers, runs = [], []
            for family in lab.FAMILIES:
                servers.append(teardown_peers.Server(family, teardown_peers.serve))
                self.addCleanup(servers[-1].close)
                for part in (names[::2], names[1::2]):
                    runs.append(self.start(
                        lab.target("server", family, PORT), "--json", "-g", next(PORTS), *part,
                        "--send", teardown_peers.REQUEST))
            for run in runs:
                for name, verdict in self.assert_fair(run.end(), seed, len(names) // 2 - 2).items():
                    counts[verdict] += 1
                    if verdict != "conforms":
                        print(f"seed {seed}: {name} {verdict}", file=sys.stderr)
            for server in servers:
                server.close()
            print(f"seed {seed}: {dict(counts)}; {set_bridge(0)}", file=sys.stderr)
        self.assertEqual(lab.own_rules("client"), [])

    @lab.both_families
    def test_server(self, family):
        def close(end):
            end.shutdown(socket.SHUT_WR)

        def wait(end):
            try:
                end.recv(100)
            except ConnectionResetError:
                pass
        for scenario, behave in (("active-close", wait), ("passive-close", close),
                                 ("reset", wait), ("no-time-wait", wait)):
            with self.subTest(scenario=scenario):
                set_bridge(FIRST)
                run = self.start("-l", OURS, f"-{family}", "--json", scenario)
                lab.wait_until(lambda: lab.own_rules("client") or not run.running(), "the guard")
                with lab.socket_in("server", family) as end:
                    end.connect((lab.address_of("client", family), OURS))
                    behave(end)
                self.assert_fair(run.end(), FIRST, 1)


if __name__ == "__main__":
    lab.main("--delay", DELAY, "--loss", LOSS, "--seed", str(FIRST))
