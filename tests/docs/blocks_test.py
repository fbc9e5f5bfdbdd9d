#!/usr/bin/env python3
"""Every command of the documents is run, and prints what they say.

usage: blocks_test.py [--tools FOLDER] [--rootless] [--renew] [--list] [FILE...]

Runs the command blocks of FILE… (default: the guide in both languages, the README, other documents
that have such blocks, and the man pages) in scripts/classroom and compares what is printed with
what they show. blocks.py says how a block is written, masks.py what may differ.

  --renew   writes what is printed into the documents instead, where it differs
  --list    only lists the blocks
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

# The modules beside this file; they are found by the line above.
from blocks import ELISION, Mistake, read_blocks  # noqa: E402
from comparing import align, renewed  # noqa: E402
from masks import masked  # noqa: E402
from times import disagreement  # noqa: E402
import running  # noqa: E402

REPOSITORY = running.REPOSITORY
SKIPPED = 77
ATTEMPTS = 3  # a busy machine may send an ACK alone that else goes with the FIN
REPEATED = 5  # blocks; when more than these need a second attempt it is not the machine
NOBODY = 65534


def default_files():
    found = [REPOSITORY / "docs" / "guide.md", REPOSITORY / "docs" / "guide.zh.md",
             REPOSITORY / "README.md"]
    found += sorted(set((REPOSITORY / "docs").glob("*.md")) - set(found))
    found += sorted((REPOSITORY / "docs" / "man").rglob("*.scd"))
    return [path for path in found if path.exists()]


def main(words):
    options = read_options(words)
    try:
        blocks = [block for path in options.files for block in read_blocks(path)]
    except Mistake as mistake:
        print(f"FAILED: {mistake}")
        return 1
    wanted = [block for block in blocks if not block.excuse]
    if options.list:
        for block in blocks:
            print(f"{block.place}: {block.excuse or block.setting or 'classroom'}")
        return 0
    become = become_nobody() if options.rootless else []
    need_namespaces(become)
    os.environ["TCPCRAFT_TOOLS"] = str(Path(options.tools).resolve())
    began = time.monotonic()
    outcome = Outcome(options.renew)
    settings = sorted({block.setting for block in wanted})
    with ThreadPoolExecutor() as pool:  # nearly all of it is waiting
        list(pool.map(lambda setting: outcome.run(
            setting, [block for block in wanted if block.setting == setting], become), settings))
    outcome.report(blocks, time.monotonic() - began)
    return 1 if outcome.failures else 0


def read_options(words):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--tools", default=str(REPOSITORY / "build" / "dev" / "tools"))
    parser.add_argument("--rootless", action="store_true")
    parser.add_argument("--renew", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args(words)
    options.files = options.files or default_files()
    return options


def become_nobody():
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env",
            "HOME=/nonexistent", "PYTHONDONTWRITEBYTECODE=1"]


def need_namespaces(become):
    reads = subprocess.run([*become, "test", "-x", str(running.CLASSROOM)], check=False)
    if reads.returncode != 0:
        skip(f"an ordinary user may not read {REPOSITORY}")
    options = ["-nm"] if os.geteuid() == 0 and not become else ["-Urnm"]
    tried = subprocess.run([*become, "unshare", *options, "true"], capture_output=True, text=True,
                           check=False)
    if tried.returncode != 0:
        skip(f"no namespaces here: {tried.stderr.strip()}")


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(SKIPPED)


class Outcome:
    """What became of all blocks; equal ones run once."""

    def __init__(self, renew):
        self.renew = renew
        self.failures = []
        self.renewals = []
        self.repeated = set()
        self.commands = 0
        self.spent = []

    def run(self, setting, blocks, become):
        unique = list({block.key: block for block in blocks}.values())
        same = [[block for block in blocks if block.key == one.key] for one in unique]

        def will_do(number, attempt, answer):
            wrong = [text for block in same[number] for text in differences(block, answer["steps"])]
            attempts = 1 if self.renew or is_simulated(unique[number]) else ATTEMPTS
            if wrong and attempt < attempts:
                self.repeated.add(unique[number].place)
                print(f"{unique[number].place}: attempt {attempt} of {attempts} differs: "
                      + wrong[0].splitlines()[-1])
                return False
            return True

        answers = running.run(setting, [[step.command for step in block.steps] for block in unique],
                              will_do, become)
        for group, answer in zip(same, answers):
            self.commands += len(answer["steps"])
            self.spent.append((answer["seconds"], group[0].place))
            for block in group:
                self._judge(block, answer["steps"])

    def _judge(self, block, steps):
        wrong = differences(block, steps)
        if not wrong:
            return
        if self.renew and not bad_statuses(block, steps):
            self._renew(block, steps)
        else:
            self.failures += [f"{block.place}: {text}" for text in wrong]

    def _renew(self, block, steps):
        for step, answer in zip(block.steps, steps):
            new = renewed(step.output, answer["output"], is_exact(block))
            if new is None:
                self.failures.append(f"{block.path}:{step.line}: {ELISION} does not fit any more:\n"
                                     + "\n".join(answer["output"]))
                return
            if not matches(block, step, answer):
                step.output = new
        self.renewals.append(block)

    def report(self, blocks, seconds):
        self._write_renewals()
        if len(self.repeated) > REPEATED:
            self.failures.append(f"{len(self.repeated)} blocks needed a repetition, more than"
                                 f" {REPEATED}: " + ", ".join(sorted(self.repeated)))
        for block in blocks:
            if block.excuse:
                print(f"not run: {block.place}: {block.excuse}")
        for second, place in sorted(self.spent, reverse=True)[:5]:
            print(f"{second:6.1f} s  {place}")
        for failure in self.failures:
            print(f"FAILED: {failure}")
        print(f"{self.commands} commands of {len(self.spent)} blocks in {seconds:.1f} s,"
              f" {len(self.repeated)} blocks repeated, {len(self.renewals)} blocks renewed,"
              f" {len(self.failures)} failures")

    def _write_renewals(self):
        for block in sorted(self.renewals, key=lambda one: -one.line):
            lines = block.path.read_text(encoding="utf-8").splitlines()
            lines[block.line - 1:block.line - 1 + block.length] = block.lines()
            block.path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def is_exact(block):
    """Textbook scenarios are the same in every run; nothing is masked then."""
    return _all_tools_have(block, "--simulate=SC-")


def is_simulated(block):
    """Nothing that happens in virtual time depends on the machine: one attempt is enough."""
    return block.setting == "simulate" or _all_tools_have(block, "--simulate")


def _all_tools_have(block, option):
    tools = [step.command for step in block.steps if "tcp-" in step.command]
    return bool(tools) and all(option in command for command in tools)


def differences(block, steps):
    """What is wrong with a run of a block, as texts for people."""
    wrong = bad_statuses(block, steps)
    for step, answer in zip(block.steps, steps):
        if block.shows_output and not matches(block, step, answer):
            wrong.append(f"line {step.line}: $ {step.command}\n--- the document\n"
                         + "\n".join(step.output) + "\n--- printed\n" + "\n".join(answer["output"])
                         + "\n--- where they part\n" + parting(block, step, answer))
    return wrong


def bad_statuses(block, steps):
    wrong = []
    for number, (step, answer) in enumerate(zip(block.steps, steps)):
        asked = block.steps[number + 1:] and block.steps[number + 1].command == "echo $?"
        if answer["status"] is None:
            wrong.append(f"line {step.line}: `{step.command}` did not end; it printed\n"
                         + "\n".join(answer["output"]))
        elif answer["status"] != 0 and not asked:
            wrong.append(f"line {step.line}: `{step.command}` ended with status {answer['status']}"
                         ", and no `$ echo $?` comes next; it printed\n"
                         + "\n".join(answer["output"]))
    return wrong


def matches(block, step, answer):
    return align(step.output, answer["output"], is_exact(block)) is not None


def parting(block, step, answer):
    """The first line of the document that was not printed, masked as it is compared."""
    hide = (lambda lines: lines) if is_exact(block) else masked
    printed = hide(answer["output"])
    for line in hide([line for line in step.output if line.strip() != ELISION]):
        if line not in printed:
            return line
    told = "" if is_exact(block) else disagreement(step.output, answer["output"], True)
    return told or "(lines that were printed and are not in the document, or in another order)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
