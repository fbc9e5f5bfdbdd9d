"""Runs of every tool in virtual time, for reports to be written of."""

import os
import subprocess

TOOLS = os.environ["TCPCRAFT_TOOLS"]

SCRIPT = """+0 < S 0:0(0) win 1000 <mss 1460>
+0 > S. 0:0(0) ack 1 <...>
+0 < . 1:1(0) ack 1 win 1000
+0 < P. 1:5(4) ack 1 win 1000
+0 > . 1:1(0) ack 5
+0 < F. 5:5(0) ack 1 win 1000
+0 > R 77:77(0)
"""

# By name: what is run; a script's path is put in place of {script}.
RUNS = {
    "handshake": ("tcp-handshake", "--simulate", "--send", "hello"),
    "refused": ("tcp-handshake", "--simulate", "--scenario", "refused"),
    "lost-syn": ("tcp-handshake", "--simulate", "--fault", "drop out S", "--fault",
                 "delay=300ms in S.", "--count", "2"),
    "silent": ("tcp-handshake", "--simulate", "--fault", "drop out S #*", "--retries", "2"),
    "plain": ("tcp-handshake", "--simulate"),
    "textbook": ("tcp-handshake", "--simulate=SC-1"),
    "listen": ("tcp-handshake", "--simulate", "-l", "8080", "--accept", "1"),
    "teardown": ("tcp-teardown", "--simulate", "active-close", "lost-fin", "reset", "--fault",
                 "drop out R #*"),
    "probe": ("tcp-keepalive", "probe", "--simulate", "--answers", "3"),
    "matrix": ("tcp-keepalive", "probe", "--matrix", "--simulate"),
    "learn": ("tcp-keepalive", "learn", "--simulate"),
    "idle": ("tcp-keepalive", "idle", "--simulate", "--simulate-path", "350s,reset",
             "--least", "4m", "--most", "8m"),
    "serve": ("tcp-keepalive", "serve", "--simulate", "--clients", "30", "--seed", "7"),
    "script": ("tcp-script", "192.0.2.2:80", "{script}", "--simulate"),
}


def run(name, folder, *more, **how):
    """Ends when the tool does; text of stdout and stderr, and its status."""
    script = os.path.join(folder, "one.pkt")
    with open(script, "w", encoding="utf-8") as file:
        file.write(SCRIPT)
    tool, *words = [word.format(script=script) for word in RUNS[name]]
    return subprocess.run([os.path.join(TOOLS, tool), *words, "-q", *more], text=True,
                          capture_output=True, timeout=120, stdin=subprocess.DEVNULL,
                          check=False, **how)
