"""The client's half of SCRAM-SHA-256 (RFC 7677), for tests of the server's."""

import base64
import hashlib
import hmac
import os


def _hmac(key, text):
    return hmac.new(key, text, hashlib.sha256).digest()


class ScramClient:
    """`first()` is sent, its answer given to `final()`, what that returns sent; `verify()` the end."""

    def __init__(self, password):
        self.password = password.encode()
        self.bare = "n=,r=" + base64.b64encode(os.urandom(18)).decode()

    def first(self):
        return ("n,," + self.bare).encode()

    def final(self, server_first):
        fields = dict(part.split("=", 1) for part in server_first.decode().split(","))
        salt, count = base64.b64decode(fields["s"]), int(fields["i"])
        salted = hashlib.pbkdf2_hmac("sha256", self.password, salt, count)
        client_key = _hmac(salted, b"Client Key")
        without_proof = "c=biws,r=" + fields["r"]
        signed = ",".join((self.bare, server_first.decode(), without_proof)).encode()
        signature = _hmac(hashlib.sha256(client_key).digest(), signed)
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self.expected = _hmac(_hmac(salted, b"Server Key"), signed)
        return (without_proof + ",p=" + base64.b64encode(proof).decode()).encode()

    def verify(self, server_final):
        """Whether the server knows the password as well."""
        return base64.b64decode(server_final.decode().removeprefix("v=")) == self.expected
