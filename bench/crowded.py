#!/usr/bin/env python3
"""What a segment costs one tool alone, and each of 200 that run at once on the same host.

Every round measures both; --quick does with 40 tools.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEST = ROOT / "tests" / "kernel" / "e2e" / "crowded_test.py"
TOOL = ROOT / "build" / "release" / "tools" / "tcp-keepalive"


def main():
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--rounds", type=int, default=7)
    reader.add_argument("--quick", action="store_true")
    options = reader.parse_args()
    tools = "40" if options.quick else "200"
    for turn in range(min(options.rounds, 5)):
        done = subprocess.run([sys.executable, "-B", TEST, TOOL], stdout=subprocess.PIPE, text=True,
                              check=False, env={**os.environ, "TCPCRAFT_CROWDED": tools})
        told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode != 0 or not told:
            return 1
        for who, cost in (("tcpcraft", "together"), ("one tool alone", "alone")):
            print(json.dumps({"work": f"a segment among {tools} tools", "who": who,
                              "value": told[0][cost], "unit": "us", "round": turn}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
