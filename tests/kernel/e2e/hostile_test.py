"""tcp-teardown while ten thousand segments a second come in the peer's name that are malformed, out
of window or otherwise not the peer's: the verdicts are the kernel's, and what was too much is said.

By hand, longer: TCPCRAFT_HOSTILE="SCENARIO[,SCENARIO…]|all RATE SEED [TIMES]"; figures are printed.
"""

import os
import resource
import sys

import flood
import lab
import teardown_peers

SCENARIOS, RATE, SEED, TIMES = (os.environ.get(
    "TCPCRAFT_HOSTILE", "active-close,half-close,simultaneous-close,reset,reset-outside-window,time-wait "
    "10000 9293").split() + ["1"])[:4]
PORT = 7030
PORTS = iter(range(30000, 60000))
MEMORY = 600_000  # KB: what the sanitizers take, and not the gigabytes that a flood could fill


class Hostile(lab.Case):
    def play(self, family, scenario, seed):
        server = self.closing(teardown_peers.Server(family, teardown_peers.serve, PORT))
        ours = next(PORTS)
        storm = self.closing(flood.Flood(family, PORT, ours, seed, int(RATE)))
        run = self.start(lab.target("server", family, PORT), "--json", "-g", ours, scenario,
                         "--send", teardown_peers.REQUEST)
        done = run.end()
        storm.close()
        server.close()
        return done, storm

    @lab.both_families
    def test_nobody_is_misled(self, family):
        names = SCENARIOS.split(",")
        if SCENARIOS == "all":
            names = [line.split()[0] for line in
                     lab.output_in("client", lab.TOOL, "list").splitlines()[1:]
                     if "fin-wait-2" not in line]
        for number, scenario in enumerate(names * int(TIMES)):
            seed = int(SEED) + number
            with self.subTest(scenario=scenario, seed=seed):
                done, storm = self.play(family, scenario, seed)
                self.assertIn(done.status, (0, 3), str(done))
                said = done.result["scenarios"][0]
                seen = [s for s in done.segments("in")]
                figures = (f"{storm.sent / storm.seconds:.0f}/s for {storm.seconds:.1f} s, "
                           f"{len(done.events('segment'))} segments shown: {said['verdict']}: "
                           f"{said['text']}")
                print(f"IPv{family} {scenario} seed {seed}: {figures}", file=sys.stderr)
                if said["verdict"] not in ("conforms", "permitted-deviation"):
                    self.assertRegex(said["text"], "capture lost|do not belong|no answer|no ACK",
                                     str(done))
                # Ten a second and connection are looked at; each may have an answer.
                most = 40 * (storm.seconds + 2) + 100
                self.assertLess(len(seen), most, figures)
                self.assertLess(len(done.segments("out")), most, figures)
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, MEMORY)
        self.assertEqual(lab.own_rules("client"), [])


if __name__ == "__main__":
    lab.main()
