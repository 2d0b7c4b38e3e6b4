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
