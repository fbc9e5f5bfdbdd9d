#!/usr/bin/env python3
"""Holds 100,000 kernel clients with `tcp-keepalive serve` over veth, IPv4 and then IPv6: all are
probed and answer, none is lost. What a client takes here is compared with what its kernel takes.

It does not vary, so there is one round however many are asked for; --quick holds 10,000.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEST = ROOT / "tests" / "kernel" / "e2e" / "keepalive_held_test.py"
TOOL = ROOT / "build" / "release" / "tools" / "tcp-keepalive"


def main():
    held = "10000" if "--quick" in sys.argv else "100000"
    done = subprocess.run([sys.executable, "-B", TEST, TOOL], stdout=subprocess.PIPE, text=True,
                          check=False, env={**os.environ, "TCPCRAFT_HELD": held})
    for line in done.stdout.splitlines():
        if not line.startswith("{"):
            print(line, file=sys.stderr)
            continue
        found = json.loads(line)
        work = f"memory of a held connection v{found['family']}"
        for who, octets in (("tcpcraft", "octets"), ("kernel socket", "kernel_octets")):
            print(json.dumps({"work": work, "who": who, "value": found[octets], "unit": "octets",
                              "round": 0}), flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
