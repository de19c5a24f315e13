"""A server under test: started on a free port with a data folder of its own, stopped or killed."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

USER = "postgres"
DATABASE = "postgres"
READY_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`omendb serve` as a child process. Use it as a context manager, so that nothing is left over.

    The data folder is made anew and deleted at the end, unless `data` names one.
    """

    is_omendb = True

    def __init__(self, bin_dir, data=None, options=()):
        self.program = Path(bin_dir) / "omendb"
        self.options = list(options)
        self.owns_data = data is None
        self.data = Path(data) if data else Path(tempfile.mkdtemp(prefix="omendb-test-"))
        self.log_path = Path(tempfile.mkstemp(prefix="omendb-test-", suffix=".log")[1])
        self.port = free_port()
        self.process = None

    @property
    def url(self):
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def pid(self):
        return self.process.pid

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process:
            self.kill()
        if self.owns_data:
            shutil.rmtree(self.data, ignore_errors=True)
        self.log_path.unlink(missing_ok=True)

    def start(self):
        """Starts the server and waits until it answers a start-up packet."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--data", self.data / "db", "--port", str(self.port), *self.options],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + READY_SECONDS_MAX
        while not self._answers():
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with code {self.process.returncode}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server is not ready after {READY_SECONDS_MAX} s:\n{self.log_tail()}")
            time.sleep(0.02)
        return self

    def _answers(self):
        """Whether an SSLRequest is answered: the protocol is served, not just the port open."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"))
                return connection.recv(1) in (b"N", b"S")
        except OSError:
            return False

    def stop(self):
        """Asks for an orderly end; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS_MAX)
        finally:
            if self.process.poll() is None:
                self.kill()
        self.process = None
        return code

    def kill(self):
        """kill -9, and waits until the process is gone."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def log_tail(self, size_bytes=4000):
        return self.log_path.read_bytes()[-size_bytes:].decode(errors="replace")

    def keep_log(self, name):
        """Copies the log to build/, for reading after a failure; returns the place."""
        target = Path("build") / f"{name}.log"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(self.log_path, target)
        return target


class External:
    """A server that runs already (the PostgreSQL oracle, say): the same face, but not ours to end."""

    process = None
    is_omendb = False  # --url may name one; then what it lacks fails

    def __init__(self, url):
        self.url = url

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    @staticmethod
    def is_alive():
        return True

    @staticmethod
    def log_tail(size_bytes=0):
        return ""


def server_for(arguments):
    """The server a suite's --url or --bin asks for."""
    return External(arguments.url) if arguments.url else Server(arguments.bin)


def environment_for(url):
    """The environment for command-line clients: no start-up file, no password prompt."""
    environment = dict(os.environ, PGCONNECT_TIMEOUT="10", LC_ALL="C.UTF-8", TZ="UTC", OMEN_TEST_URL=url)
    environment.pop("PGOPTIONS", None)
    return environment
