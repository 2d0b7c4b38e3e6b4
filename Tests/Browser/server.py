"""The real server in a directory of its own, and a network in front of it that can be cut."""

import os
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`martlet serve` on a fresh directory; with MARTLET_URL set, a server that runs already."""

    def __init__(self):
        self.process = None
        self.directory = None
        external = os.environ.get("MARTLET_URL")
        if external:
            self.port = int(external.rstrip("/").rsplit(":", 1)[1])
            return
        self.directory = tempfile.mkdtemp(prefix="martlet-browser-")
        self.port = free_port()
        self.start()

    @property
    def is_ours(self):
        return self.process is not None

    def start(self, *options):
        program = os.environ["MARTLET"]
        with open(os.path.join(self.directory, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [program, "serve", "--data", os.path.join(self.directory, "data"), "--port", str(self.port), "--no-limits", *options],
                stdout=log, stderr=log)
        for _ in range(1000):
            if self.process.poll() is not None:
                raise RuntimeError("the server has ended:\n" + self.log())
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise RuntimeError("the server is not ready:\n" + self.log())

    def log(self):
        with open(os.path.join(self.directory, "log"), encoding="utf-8", errors="replace") as log:
            return log.read()[-4000:]

    def restart(self, *options):
        """Ends it like a power cut, and starts it on the same directory with other options."""
        self.process.kill()
        self.process.wait(timeout=30)
        self.start(*options)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=30)
            shutil.rmtree(self.directory, ignore_errors=True)


class Pair:
    """A server with its shipper, and a follower that serves reads and is told to take over."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="martlet-pair-")
        self.ports = [free_port(), free_port()]
        self.shipper_port = free_port()
        self.urls = [f"http://127.0.0.1:{port}" for port in self.ports]
        self.processes = {}
        servers = ["--set", "client.servers=" + ",".join(self.urls), "--set", "replication.serve=true"]
        serve = ["serve", "--data", self._path("one"), "--port", str(self.ports[0]), "--no-limits", *servers]
        self._start("one", *serve)
        self.wait_for("one", "Martlet is ready at")
        self._start("shipper", "shipper", "--data", self._path("one"), "--listen", f"127.0.0.1:{self.shipper_port}",
                    "--name", "one", "--insecure")
        self.wait_for("shipper", "the shipper is ready")
        self._start("two", "follow", "--data", self._path("two"), "--from", f"127.0.0.1:{self.shipper_port}={self.urls[0]}",
                    "--name", "two", "--insecure", "--listen", f"127.0.0.1:{self.ports[1]}", "--no-limits", *servers)
        self.wait_for("two", "can be read at")
        # It lets nobody in before a follower has what it has, so there had to be one first.
        self.processes["one"].terminate()
        self.processes["one"].wait(timeout=30)
        os.rename(self._path("one.log"), self._path("first.log"))
        self._start("one", *serve, "--set", "replication.followers=1")
        self.wait_for("one", "Martlet is ready at")

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _start(self, name, *arguments):
        with open(self._path(name + ".log"), "ab") as log:
            self.processes[name] = subprocess.Popen([os.environ["MARTLET"], *arguments], stdout=log, stderr=log)

    def log(self, name):
        with open(self._path(name + ".log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_for(self, name, text):
        for _ in range(3000):
            if text in self.log(name):
                return
            if self.processes[name].poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"{name} never said '{text}':\n" + self.log(name)[-4000:])

    def kill_primary(self):
        for name in ("one", "shipper"):
            self.processes[name].kill()
            self.processes[name].wait()

    def promote(self):
        subprocess.run([os.environ["MARTLET"], "promote", "--data", self._path("two")], check=True, stdout=subprocess.DEVNULL)
        self.wait_for("two", "Martlet is ready at")

    def stop(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            process.wait(timeout=30)
        shutil.rmtree(self.directory, ignore_errors=True)


class Network:
    """Passes TCP connections on to the server, one by one, until it is cut."""

    def __init__(self, target):
        self.target = target
        self.is_up = True
        self.has_sockets = True  # False: requests for a WebSocket are dropped, plain ones pass
        self.pairs = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def cut(self):
        self.is_up = False
        for pair in list(self.pairs):
            for end in pair:
                self._drop(end)

    def restore(self):
        self.is_up = True

    def close(self):
        self.cut()
        self._drop(self.listener)

    @staticmethod
    def _drop(end):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        end.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.is_up:
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()
            else:
                self._drop(client)

    def _serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            return self._drop(client)
        pair = (client, server)
        self.pairs.add(pair)
        try:
            while self.is_up:
                ready, _, _ = select.select(pair, [], [], 0.5)
                for end in ready:
                    data = end.recv(65536)
                    if not data or self._is_refused(end is client, data):
                        return
                    (server if end is client else client).sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            self.pairs.discard(pair)
            for end in pair:
                self._drop(end)

    def _is_refused(self, is_request, data):
        return is_request and not self.has_sockets and data.startswith(b"GET /v1/socket")
