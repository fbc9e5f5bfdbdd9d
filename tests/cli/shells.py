"""What bash, zsh and fish offer for the start of a command line: the real shells, with their line editors."""
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 60.0  # for a busy machine; a shell that is fine answers at once

# Both editors put all matches into the line by one key, and show the line by another.
BASH = r"""
unset HISTFILE
source /usr/share/bash-completion/bash_completion
{sources}
told() {{ printf '\1%s\2' "$READLINE_LINE"; READLINE_LINE=; }}
bind -x '"\C-o": told'
bind '"\C-t": insert-completions'
bind 'set bell-style none'
bind 'set completion-query-items 0'
printf '\1ready\2'
"""
# One is sourced, as people do who have no package; the others are found in $fpath.
ZSH = r"""
fpath=({folder} $fpath)
autoload -Uz compinit
compinit -u -D
source {last}
all_of_them() {{ _main_complete; compstate[insert]=all; compstate[list]=''; }}
zle -C all_of_them complete-word all_of_them
bindkey '^T' all_of_them
told() {{ printf '\1%s\2' "$BUFFER"; BUFFER=''; }}
zle -N told
bindkey '^O' told
unsetopt beep
printf '\1ready\2'
"""


class Editor:
    """A shell at a terminal."""

    def __init__(self, command, setup, scripts, folder):
        sources = "\n".join(f"source {script}" for script in scripts)
        setup = setup.format(sources=sources, last=scripts[-1], folder=os.path.dirname(scripts[-1]))
        start = tempfile.NamedTemporaryFile("w", suffix=".rc", delete=False)
        with start as file:
            file.write(setup)
        self.start = start.name
        self.said = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, {"PATH": os.environ["PATH"], "TERM": "dumb", "PS1": "",
                                             "LC_ALL": "C.UTF-8", "HOME": folder})
        os.write(self.terminal, f" source {self.start}\n".encode())
        self.answer()

    def answer(self):
        """What stands between the marks."""
        end = time.monotonic() + PATIENCE
        while not (found := re.search(rb"\x01([^\x01\x02]*)\x02", self.said)):
            if not select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError(self.said.decode(errors="replace")[-2000:])
            self.said += os.read(self.terminal, 65536)
        self.said = self.said[found.end():]
        return found[1].decode()

    def offers(self, line):
        """The line with all that the shell would put there."""
        os.write(self.terminal, line.encode() + b"\x14\x0f")
        return self.answer()

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)
        os.unlink(self.start)


class LineEditor:
    name = ""

    def __init__(self, scripts, folder):
        self.editor = Editor(self.command, self.setup, scripts, folder)

    def offers(self, lines):
        """For each line the words that may stand where its last one does."""
        return [self.words(line, self.editor.offers(line)) for line in lines]

    @staticmethod
    def words(line, whole):
        last = line.rsplit(" ", 1)[1]
        return set(whole[len(line) - len(last):].split()) - {last}

    def close(self):
        self.editor.close()


class Bash(LineEditor):
    name, file = "bash", "bash/{}"
    command, setup = ["bash", "--norc", "--noprofile", "-i"], BASH

    @staticmethod
    def missing():
        there = os.path.exists("/usr/share/bash-completion/bash_completion")
        return "" if shutil.which("bash") and there else "bash-completion is not installed"


class Zsh(LineEditor):
    name, file = "zsh", "zsh/_{}"
    command, setup = ["zsh", "-f", "-i"], ZSH

    @staticmethod
    def missing():
        return "" if shutil.which("zsh") else "zsh is not installed"


class Fish:
    name, file = "fish", "fish/{}.fish"

    def __init__(self, scripts, folder):
        self.sources = "; ".join(f"source {script}" for script in scripts)
        self.folder = folder

    @staticmethod
    def missing():
        return "" if shutil.which("fish") else "fish is not installed"

    def offers(self, lines):
        asked = [f"echo \x01; complete -C {quoted(line)}" for line in lines]
        said = subprocess.run(["fish", "--no-config", "-c", "; ".join([self.sources, *asked])],
                              text=True, capture_output=True, timeout=PATIENCE, check=True,
                              cwd=self.folder, env={"PATH": os.environ["PATH"], "TERM": "dumb",
                                                    "HOME": self.folder, "LC_ALL": "C.UTF-8"})
        assert said.stderr == "", said.stderr
        return [{row.split("\t")[0] for row in part.splitlines() if row}
                for part in said.stdout.split("\x01")[1:]]

    def close(self):
        pass


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
