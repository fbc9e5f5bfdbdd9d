"""Many tools at once on one host, both families side by side: none sees another's segments, all are
answered, nothing is left; and what a segment costs does not grow with their number as fast as it
might: every packet passes the filter of each of them.

TCPCRAFT_CROWDED=N lets N tools (default: 16) run at once; what a segment costs is printed.
"""

import json
import os
import signal
import time

import lab

TOOLS = int(os.environ.get("TCPCRAFT_CROWDED", "16"))
PORT = 7680
MOST_TIMES_DEARER = 6
WATCHED = 5  # seconds, of which nothing depends but how many segments there are


class Crowded(lab.Case):
    def setUp(self):
        for family in (4, 6):
            self.closing(lab.listener_in("server", family, PORT))

    def test_none_disturbs_another(self):
        alone, _ = self.cost_of(1)
        together, done = self.cost_of(TOOLS)
        self.assertLessEqual(together, MOST_TIMES_DEARER * alone)
        own = [self.port_of(one) for one in done]
        self.assertEqual(len(set(own)), TOOLS, own)
        self.assertEqual(lab.own_rules("client"), [])
        print(json.dumps({"tools": TOOLS, "alone": round(alone, 1),
                          "together": round(together, 1)}), flush=True)

    def cost_of(self, tools):
        """Microseconds of a tool's processor time for a segment, and the tools when they ended."""
        runs = [self.start("probe", lab.target("server", 4 if i % 2 == 0 else 6, PORT), "--json",
                           "--idle", "0.6", "--interval", "0.6", "--count", "9",
                           "--answers", "250") for i in range(tools)]
        lab.wait_until(lambda: len(lab.sockets("server", PORT, "ESTAB")) >= tools,
                       "all to be connected", 10 * lab.PATIENCE)
        begun = packets()  # what it takes to begin is not counted
        lab.wait_until(lambda: packets() >= begun + 2 * tools, "the first probes and answers")
        segments, spent = packets(), processor_time(runs)
        time.sleep(WATCHED)
        segments, spent = packets() - segments, processor_time(runs) - spent
        for run in runs:
            run.signal(signal.SIGINT)
        done = [run.end(10 * lab.PATIENCE) for run in runs]
        self.wait_gone(PORT)
        return spent / 1000 / segments, done

    def port_of(self, done):
        """The one local port of all that a tool saw; each of its probes was answered."""
        self.assert_status(done, 130)
        segments = done.segments()
        ours = {s["src" if s["dir"] == "out" else "dst"] for s in segments}
        self.assertEqual(len(ours), 1, str(done))
        sent, answered = done.result["sent"], done.result["answers"]
        self.assertGreaterEqual(answered, sent - 1, str(done))  # one may be on its way
        self.assertGreater(answered, 0, str(done))
        return ours.pop()


def packets():
    """That client's interface has carried, both ways."""
    counts = lab.output_in("client", "cat", "/proc/net/dev").partition("eth0:")[2].split()
    return int(counts[1]) + int(counts[9])


def processor_time(runs):
    """Nanoseconds, what the kernel does on their behalf included."""
    spent = 0
    for run in runs:
        with open(f"/proc/{run.pid}/schedstat", encoding="ascii") as file:
            spent += int(file.read().split()[0])
    return spent


if __name__ == "__main__":
    lab.main()
