"""Runs the commands of blocks in a shell on the client of scripts/classroom, as a reader would.

As a program it is the other end of run(), inside of the classroom.
"""

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CLASSROOM = REPOSITORY / "scripts" / "classroom"
PATIENCE = 120  # seconds for one block; only something that hangs takes so long
SHELL = "/bin/bash"
ROOMS = {"": 3, "simulate": 2}  # one each for others; real connections wait, simulated ones compute


def run(setting, blocks, will_do, become=()):
    """Runs blocks (lists of commands), each in a shell of its own, in ROOMS laboratories at once.

    will_do(number, attempt, answer) is asked after each attempt at a block whether that will do.
    Returns an answer for each block: {"steps": [{"status", "output"} per command], "seconds"}.
    """
    answers, waiting, failed = {}, list(enumerate(blocks))[::-1], []

    def work():
        try:
            with classroom(setting, become) as room:
                while waiting and not failed:
                    number, commands = waiting.pop()
                    answers[number] = _until_it_will_do(room, number, commands, will_do)
        except Exception as error:  # what happens in a thread is raised where it was begun
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(min(ROOMS.get(setting, 1), len(blocks)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [answers[number] for number in range(len(blocks))]


@contextlib.contextmanager
def classroom(setting, become):
    python = shutil.which("python3", path="/usr/bin:/bin") if become else sys.executable
    kind, *values = setting.split() or ["usual"]
    around = {"usual": [str(CLASSROOM)], "router": [str(CLASSROOM), "--router", *values],
              "simulate": []}[kind]
    with subprocess.Popen([*become, *around, python, "-B", str(Path(__file__).resolve()), kind],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/") as room:
        try:
            yield room
        finally:
            room.stdin.close()


def _until_it_will_do(room, number, commands, will_do):
    for attempt in itertools.count(1):
        room.stdin.write(json.dumps(commands) + "\n")
        room.stdin.flush()
        answer = room.stdout.readline()
        if not answer:
            raise RuntimeError(f"the classroom ended: status {room.wait()}")
        if will_do(number, attempt, json.loads(answer)):
            return json.loads(answer)


# --- inside --------------------------------------------------------------------------------------

def serve(kind):
    """One line of JSON in, a list of commands; one out, what became of each."""
    with tempfile.TemporaryDirectory(prefix="tcpcraft-tools-") as tools:
        if kind == "simulate":
            add_simulate(Path(tools))
        for line in sys.stdin:
            with tempfile.TemporaryDirectory(prefix="tcpcraft-guide-") as work:
                furnish(Path(work))
                print(json.dumps(shell(json.loads(line), work)), flush=True)


def furnish(work):
    """The files that documents speak of."""
    (work / "docs").symlink_to(REPOSITORY / "docs")
    (work / "hosts.txt").write_text("10.77.2.2:7\n[fd77:2::2]:7\n10.77.2.2 80\n")
    (work / "request.txt").write_text("GET / HTTP/1.0\r\n\r\n")


SIMULATED = """#!/bin/sh
case " $* " in
*" --simulate"* | *" list "* | *" show "* | *" --help "* | *" --version "*) ;;
*) set -- "$@" --simulate ;;
esac
exec '{tool}' "$@"
"""


def add_simulate(folder):
    for tool in Path(os.environ["TCPCRAFT_TOOLS"]).glob("tcp-*"):
        if os.access(tool, os.X_OK) and tool.is_file():
            (folder / tool.name).write_text(SIMULATED.format(tool=tool))
            (folder / tool.name).chmod(0o755)
    os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"


def shell(commands, work):
    """One shell for a block: what a command sets, the next one sees; `$?` too."""
    with tempfile.TemporaryDirectory(prefix="tcpcraft-said-") as kept:
        return _in_shell(commands, work, Path(kept))


def _in_shell(commands, work, kept):
    program = ["last=0"]
    for number, command in enumerate(commands):
        program += [f"exec >{kept}/{number} 2>&1 </dev/null", "(exit $last)", command, "last=$?",
                    f"echo $last >{kept}/{number}.status"]
    script = kept / "script"
    script.write_text("\n".join(program) + "\n", encoding="utf-8")
    began = time.monotonic()
    process = subprocess.Popen([SHELL, "--norc", "--noprofile", str(script)], cwd=work,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               start_new_session=True, env=surroundings())
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        pass
    _end_group(process.pid)  # what the block left in the background
    process.wait()
    return {"steps": [_kept(kept, number) for number in range(len(commands))],
            "seconds": time.monotonic() - began}


def surroundings():
    """A reader's terminal is as wide as the ladder wants it, and speaks UTF-8."""
    kept = {name: value for name, value in os.environ.items()
            if name.startswith(("LAB_", "ASAN_", "UBSAN_", "LSAN_"))
            or name in ("PATH", "HOME", "TMPDIR", "XTABLES_LOCKFILE")}
    return {**kept, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "COLUMNS": "100", "TZ": "UTC",
            "NO_COLOR": "1"}


def _end_group(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _kept(folder, number):
    said, status = folder / str(number), folder / f"{number}.status"
    text = said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""
    return {"status": int(status.read_text()) if status.exists() else None,
            "output": [line.rstrip() for line in text.splitlines()]}


if __name__ == "__main__":
    serve(sys.argv[1])
