"""Real servers in a host of the laboratory, each with its own configuration in a folder.

All listen on both families, stay in the foreground and end with `stop()`.
"""

import re
import shutil
import subprocess
from collections import namedtuple
from pathlib import Path

import lab

NGINX = """
daemon off;
master_process off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 0.0.0.0:{port}{keep_alive};
        listen [::]:{port} ipv6only=on{keep_alive};
        location / {{ return 200 "nginx here\\n"; }}
    }}
}}
"""

HAPROXY = """
defaults
    mode http
    timeout connect 5s
    timeout client 50s
    timeout server 50s
    {keep_alive}
frontend here
    bind 0.0.0.0:{port}
    bind [::]:{port} v6only
    http-request return status 200 content-type text/plain string "haproxy here"
"""

SSHD = """
Port {port}
AddressFamily any
ListenAddress 0.0.0.0
ListenAddress ::
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
UsePAM no
StrictModes no
UseDNS no
"""


# Each server's own keep-alive, as (seconds, seconds, count) and how it is said to it; sshd's
# TCPKeepAlive only turns it on, with the host's times.
KEEP_ALIVE = {
    "nginx": ((2, 1, 3), " so_keepalive=2s:1s:3"),
    "haproxy": ((3, 1, 4), "option clitcpka\n    clitcpka-idle 3s\n    clitcpka-intvl 1s\n"
                           "    clitcpka-cnt 4"),
    "redis": ((3, 1, 3), "3"),
    "sshd": ((2, 1, 5), "TCPKeepAlive yes"),
}


def _python(_folder, port, _keep_alive):
    return [_program("python3"), "-m", "http.server", "--bind", "::", str(port)]


def _nginx(folder, port, keep_alive):
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port, keep_alive=keep_alive))
    return [_program("nginx"), "-p", str(folder), "-e", f"{folder}/error.log", "-c",
            str(configuration)]


def _haproxy(folder, port, keep_alive):
    configuration = folder / "haproxy.cfg"
    configuration.write_text(HAPROXY.format(port=port, keep_alive=keep_alive))
    return [_program("haproxy"), "-db", "-f", str(configuration)]


def _sshd(folder, port, keep_alive):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host_key")],
                   check=True, timeout=lab.PATIENCE)
    # Where sshd locks itself in before it knows whom it serves; /run is the laboratory's own.
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    configuration = folder / "sshd_config"
    configuration.write_text(SSHD.format(folder=folder, port=port) + keep_alive + "\n")
    return [_program("sshd"), "-D", "-e", "-f", str(configuration)]


def _redis(folder, port, keep_alive):
    return [_program("redis-server"), "--port", str(port), "--bind", "0.0.0.0", "::",
            "--protected-mode", "no", "--save", "", "--appendonly", "no", "--daemonize", "no",
            "--dir", str(folder), *(["--tcp-keepalive", keep_alive] if keep_alive else [])]


def _program(name):
    return shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") or name


# command: of a folder for its files, a port, and what is said of keep-alive; question, answer: what it is asked, and how its
# answer begins; closing: a request after which it closes first; version: the command that tells it
Kind = namedtuple("Kind", "command question answer closing version")

HTTP = "GET / HTTP/1.0\r\n\r\n"
KINDS = {
    "http.server": Kind(_python, "HEAD / HTTP/1.0\r\n\r\n", "HTTP/1.0 200", HTTP,
                        ["python3", "--version"]),
    "nginx": Kind(_nginx, HTTP, "HTTP/1.1 200", HTTP, ["nginx", "-v"]),
    "haproxy": Kind(_haproxy, HTTP, "HTTP/1.1 200", HTTP, ["haproxy", "-v"]),
    "sshd": Kind(_sshd, "SSH-2.0-tcpcraft\r\n", "SSH-2.0-OpenSSH", "not SSH\r\n", ["ssh", "-V"]),
    "redis": Kind(_redis, "PING\r\n", "+PONG", "QUIT\r\n", ["redis-server", "--version"]),
}


def is_here(kind):
    return _program(KINDS[kind].version[0]).startswith("/")


def version(kind):
    """As the program says it; it may do so on either stream."""
    program, *words = KINDS[kind].version
    done = subprocess.run([_program(program), *words], capture_output=True, text=True,
                          timeout=lab.PATIENCE, check=False)
    return re.search(r"\d+\.[\w.]+", done.stdout + done.stderr).group()


class Server:
    """One of KINDS, listening when made; with keep-alive as in KEEP_ALIVE, if asked for."""

    def __init__(self, kind, port, folder, host="server", keep_alive=False):
        self.kind, self.port, self._log = kind, port, folder / "log"
        known = KINDS[kind]
        self.question, self.answer = known.question, known.answer
        self.command = [str(word) for word in known.command(
            folder, port, KEEP_ALIVE[kind][1] if keep_alive else "")]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                lab.command_in(host, *self.command), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, cwd=folder)
        for family in lab.FAMILIES:
            lab.wait_until(lambda f=family: self._ready(host, f), self._not_ready)

    def _ready(self, host, family):
        if self._process.poll() is not None:
            raise AssertionError(f"{self.kind} ended: {self._log.read_text()}")
        return lab.listens(host, family, self.port)

    def _not_ready(self):
        return f"{self.kind} to listen on port {self.port}: {self._log.read_text()}"

    def stop(self):
        self._process.kill()
        self._process.wait()
