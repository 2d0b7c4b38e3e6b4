"""Counts what a message costs the server: `tools/costs` says how to call it."""
import argparse, os, re, select, signal, socket, struct, subprocess, sys, tempfile, time

TEXT = "a message of a hundred bytes, as people write them: ".ljust(100, "x")


class Client:
    """A user with one WebSocket."""

    def __init__(self, port, number):
        self.number = number
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(
            b"GET /v1/socket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        self.wait_for(rb"\r\n\r\n")
        self.send('{"id":"h","hi":{"version":1,"agent":"costs"}}')
        self.send('{"id":"r","register":{"name":"u%d","password":"password"}}' % number)
        self.user = self.wait_for(rb'"register":\{"user":"([0-9a-f]{16})"').group(1).decode()
        self.socket.setblocking(False)

    def wait_for(self, pattern):
        data = b""
        while True:
            more = self.socket.recv(4096)
            if not more:
                sys.exit("the server closed the socket: %r" % data)
            data += more
            if found := re.search(pattern, data):
                return found

    def send(self, text):
        payload = text.encode()
        size = len(payload)
        head = bytes([0x81, 0x80 | size]) if size < 126 else struct.pack(">BBH", 0x81, 0xFE, size)
        self.socket.sendall(head + b"\0\0\0\0" + payload)


class Load:
    """Messages between pairs at a rate, with a bounded number under way."""

    def __init__(self, port, users):
        self.clients = [Client(port, number) for number in range(users)]
        self.poll = select.epoll()
        self.by_file = {}
        for client in self.clients:
            self.by_file[client.socket.fileno()] = client
            self.poll.register(client.socket.fileno(), select.EPOLLIN)
        self.sent = 0

    def run(self, messages, rate):
        first, start, answers, events = self.sent, time.monotonic(), 0, 0
        while answers < messages or events < 2 * messages:
            while (self.sent - first < messages and self.sent - first - answers < 64
                   and time.monotonic() >= start + (self.sent - first) / rate):
                client = self.clients[self.sent * 7919 % len(self.clients)]
                peer = self.clients[client.number ^ 1]
                client.send(
                    '{"id":"%d","send":{"conversation":"%s","clientMessageID":"client-id-%d",'
                    '"text":"%s"}}' % (self.sent, peer.user, self.sent, TEXT))
                self.sent += 1
            for file, _ in self.poll.poll(0.001):
                data = self.by_file[file].socket.recv(1 << 16)
                if not data or b'"error"' in data:
                    sys.exit("refused: %r" % data[:200])
                answers += data.count(b',"send":{')
                events += data.count(b'"event":{')
            if time.monotonic() > start + messages / rate + 120:
                sys.exit("%d answers and %d events of %d messages" % (answers, events, messages))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def counted(server, file):
    os.kill(server.pid, signal.SIGUSR2)
    time.sleep(0.5)
    with open(file) as text:
        return [int(word) for word in text.read().split()]


def calls(server, directory, load, options):
    trace = os.path.join(directory, "trace")
    strace = subprocess.Popen(
        ["strace", "-c", "-f", "-p", str(server.pid), "-o", trace], stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    load.run(options.messages, options.rate)
    strace.send_signal(signal.SIGINT)
    strace.wait()
    for line in open(trace):
        words = line.split()
        if len(words) >= 5 and words[3].isdigit() and int(words[3]) >= options.messages / 50:
            print("%8.2f %s per message" % (int(words[3]) / options.messages, words[-1]))


def main():
    parser = argparse.ArgumentParser(description="What a message costs the server, in counts.")
    parser.add_argument("--rate", type=float, default=4000, help="messages per second")
    parser.add_argument("--messages", type=int, default=8000)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--most-allocations", type=float, help="fail beyond so many per message")
    parser.add_argument("--calls", action="store_true", help="count system calls too, with strace")
    options = parser.parse_args()
    binary = os.environ.get("MARTLET") or sys.exit("MARTLET must name the server's binary")
    with tempfile.TemporaryDirectory() as directory:
        port, file = free_port(), directory + "/count"
        environment = {name: value for name, value in os.environ.items() if name not in ("MARTLET", "COUNTER")}
        environment.update(
            LD_PRELOAD=os.environ["COUNTER"], COSTS_FILE=file, MARTLET_TEST_SCRYPT_LOG_ROUNDS="4")
        with open(directory + "/log", "w") as log:
            server = subprocess.Popen(
                [binary, "serve", "--data", directory + "/data", "--port", str(port),
                 "--no-limits"], env=environment, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 30
            while "is ready at" not in open(directory + "/log").read():
                if server.poll() is not None or time.monotonic() > deadline:
                    sys.exit("the server did not start:\n" + open(directory + "/log").read())
                time.sleep(0.1)
            load = Load(port, options.users)
            load.run(2000, options.rate)
            before = counted(server, file)
            load.run(options.messages, options.rate)
            after = counted(server, file)
            allocations = (after[0] - before[0]) / options.messages
            print("%8.2f allocations per message" % allocations)
            print("%8.0f bytes allocated per message" % ((after[1] - before[1]) / options.messages))
            if options.calls:
                calls(server, directory, load, options)
        finally:
            server.terminate()
            server.wait()
    if options.most_allocations and allocations > options.most_allocations:
        sys.exit("more than %g allocations per message" % options.most_allocations)


main()
