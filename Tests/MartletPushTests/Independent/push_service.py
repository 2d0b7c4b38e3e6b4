"""A Web Push service and the browser behind it, made of other people's code: http-ece decrypts,
py-vapid verifies. Answers 201 to a push that holds, 400 with the reason to one that does not.

Usage: push_service.py FILE. Writes the subscription (endpoint, p256dh and auth, separated by
spaces) to FILE once it listens, and runs until it is killed.
"""

import base64
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

BROWSER = ec.generate_private_key(ec.SECP256R1())
AUTH = os.urandom(16)


def coded(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        try:
            self.verify(body)
            status, reason = 201, b""
        except Exception as error:  # Whatever went wrong is the answer.
            status, reason = 400, repr(error).encode()
        print(status, len(body), reason.decode(), flush=True)
        self.send_response(status)
        self.send_header("content-length", str(len(reason)))
        self.end_headers()
        self.wfile.write(reason)

    def verify(self, body):
        authorization = self.headers["authorization"]
        # The library knows the list without spaces only.
        assert Vapid02.verify(authorization.replace(", k=", ",k=")), "signature"
        claims = json.loads(decoded(authorization.split(".")[1]))
        assert claims["aud"] == f"http://127.0.0.1:{self.server.server_port}", claims
        assert time.time() < claims["exp"] <= time.time() + 86_400, claims
        assert claims["sub"].startswith("mailto:"), claims
        assert int(self.headers["ttl"]) > 0
        assert self.headers["urgency"] in ("very-low", "low", "normal", "high")
        assert len(self.headers["topic"]) <= 32
        if not body:
            assert self.headers["content-encoding"] is None
            return
        assert self.headers["content-encoding"] == "aes128gcm"
        assert len(body) <= 4096
        message = json.loads(http_ece.decrypt(body, private_key=BROWSER, auth_secret=AUTH))
        assert len(message["text"].encode()) == message["bytes"], "text"

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Service)
point = BROWSER.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
with open(sys.argv[1] + ".new", "w") as file:
    file.write(f"http://127.0.0.1:{server.server_port}/p/1 {coded(point)} {coded(AUTH)}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
