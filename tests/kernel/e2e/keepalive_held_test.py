"""tcp-keepalive serve holds very many kernel clients that say nothing: all are probed, all answer,
nobody is called dead, and each takes little memory; both families.

TCPCRAFT_HELD=N holds N of each family (default: 2000) and prints what they take: octets resident a
client, without sanitizers, and the kernel's own for its end of it.
"""

import json
import os
import signal
import time

import holders
import lab

HELD = int(os.environ.get("TCPCRAFT_HELD", "2000"))
LARGE = "TCPCRAFT_HELD" in os.environ
FIRST = min(1000, HELD // 2)
IDLE = 30 if LARGE else 3
INTERVAL, COUNT = 5, 3
MOST_OCTETS = 256


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) * 1024


def slab():
    with open("/proc/meminfo", encoding="ascii") as info:
        return next(int(line.split()[1]) for line in info if line.startswith("Slab:")) * 1024


def sanitized():
    with open(lab.TOOL, "rb") as program:
        return b"__asan_init" in program.read()


class Held(lab.Case):
    def test_v4(self):
        self.hold(4)

    def test_v6(self):
        self.hold(6)

    def hold(self, family):
        port = 7660 + family
        tool = self.start("serve", str(port), f"-{family}", "--json=events", "--idle", str(IDLE),
                          "--interval", str(INTERVAL), "--count", str(COUNT), "--max-clients",
                          str(HELD), host="server")
        lab.wait_until(lambda: '"serving"' in tool.said(), "the tool to serve")
        clients = holders.Holders(family, port, HELD)
        self.addCleanup(clients.end)
        few, kernel_few = self.grow(tool, clients, FIRST)
        began = time.monotonic()
        many, kernel_many = self.grow(tool, clients, HELD)
        took = time.monotonic() - began
        self.await_probes(clients)
        self.judge(tool, family)
        octets = (many - few) / (HELD - FIRST)
        kernel = (kernel_many - kernel_few) / (HELD - FIRST)
        if not sanitized():
            self.assertLessEqual(octets, MOST_OCTETS)
        print(json.dumps({"family": family, "held": HELD, "octets": round(octets, 1),
                          "kernel_octets": round(kernel, 1), "connected_in": round(took, 2)}),
              flush=True)

    def await_probes(self, clients):
        """Until each client has got one; asking them takes their time."""
        time.sleep(IDLE - INTERVAL / 2)
        for _ in range(lab.PATIENCE):
            time.sleep(INTERVAL / 2)
            probed = clients.probed()
            if probed == HELD:
                return
        self.fail(f"{probed} of {HELD} clients have been probed")

    @staticmethod
    def grow(tool, clients, wanted):
        clients.connect(wanted)
        time.sleep(0.5)
        return resident(tool.pid), slab()

    def judge(self, tool, family):
        """An end in order, and the counts of the run up to it."""
        tool.signal(signal.SIGINT)
        done = tool.end()
        self.assertEqual(done.status, 130, str(done)[-2000:])
        result = json.loads(done.stdout.splitlines()[-1])
        told = result["clients"]
        self.assertEqual((told["connected"], told["most_at_once"]), (HELD, HELD))
        self.assertEqual([told[end] for end in ("dead", "closed", "reset", "restarted",
                                                "unopened", "refused")], [0] * 6, told)
        self.assertEqual(told["ended"], HELD)
        # By then each had been probed, and no first probe of a silence had a second behind it.
        self.assertGreaterEqual(told["answered"], HELD)
        self.assertEqual(result["probes"], told["silent"])
        self.assertEqual((result["capture_lost"], result["escaped_resets"], result["unsent"]),
                         (0, 0, 0))
        self.assertEqual(lab.own_rules("server"), [])
        print(f"IPv{family}: {told['silent']} silences, {result['probes']} probes, "
              f"{result['segments_in']} segments in, {result['segments_out']} out", flush=True)


if __name__ == "__main__":
    lab.main("--no-offload")
