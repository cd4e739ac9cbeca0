"""A development issuer of bearer tokens: keys made on the spot, their JWKS on the loopback interface, tokens on demand.

Stands in for Severa's own issuer in `make run` and in tests; the service trusts it because its settings say so
(`environment`), as it would trust Severa. `python -m infra.local.issuer` runs one by itself.
"""

import argparse
import json
import secrets
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

LOOPBACK: Final = "127.0.0.1"
AUDIENCE: Final = "severa-calendar-sync"
LIFETIME: Final = 3600
"""Seconds that a token lives, unless told otherwise."""


class Issuer:
    """Issues tokens and publishes the keys to check them with. Use as `with`, or start() and stop().

    `algorithm` is RS256 or ES256. `port` 0 takes a free one. GET /jwks.json shows the keys; GET
    /token?org=…&sub=…&role=admin mints a token, for curl.
    """

    def __init__(self, audience: str = AUDIENCE, algorithm: str = "RS256", port: int = 0) -> None:
        self.audience, self.algorithm = audience, algorithm
        self.keys: dict[str, Any] = {}
        self.kid = ""
        self.requests = 0
        self.rotate()
        self._server = ThreadingHTTPServer((LOOPBACK, port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="issuer", daemon=True)

    @property
    def url(self) -> str:
        """The issuer's name, `iss`."""
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def start(self) -> Self:
        """Serve the keys."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Serve nothing more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def environment(self) -> dict[str, str]:
        """The settings with which the service trusts this issuer."""
        return {
            "SYNC_JWT_ISSUER": self.url,
            "SYNC_JWT_AUDIENCE": self.audience,
            "SYNC_JWKS_URL": f"{self.url}/jwks.json",
            "SYNC_JWT_ALGORITHMS": self.algorithm,
        }

    def rotate(self, *, keep: bool = False) -> str:
        """Sign with a new key from now on; its id. The earlier ones stay published with `keep`."""
        if not keep:
            self.keys.clear()
        self.kid = secrets.token_hex(8)
        is_rsa = self.algorithm == "RS256"
        self.keys[self.kid] = (
            rsa.generate_private_key(65537, 2048) if is_rsa else ec.generate_private_key(ec.SECP256R1())
        )
        return self.kid

    def jwks(self) -> dict[str, Any]:
        """The public keys (RFC 7517)."""
        kind = RSAAlgorithm if self.algorithm == "RS256" else ECAlgorithm
        listed = [
            kind.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "use": "sig", "alg": self.algorithm}
            for kid, key in self.keys.items()
        ]
        return {"keys": listed}

    def token(
        self, company: str, user: str, *, admin: bool = False, claims: Mapping[str, Any] | None = None, kid: str = ""
    ) -> str:
        """A token for a user of a company. `claims` change or add claims; one that is None is left out."""
        now, roles = int(time.time()), ["admin"] if admin else []
        told = {"iss": self.url, "aud": self.audience, "nbf": now, "iat": now, "exp": now + LIFETIME}
        told |= {"sub": user, "org": company, "roles": roles} | dict(claims or {})
        kept = {name: value for name, value in told.items() if value is not None}
        return jwt.encode(kept, self.keys[self.kid], self.algorithm, headers={"kid": kid or self.kid})


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """GET /jwks.json and GET /token."""

        def do_GET(self) -> None:
            """Answer."""
            address = urlsplit(self.path)
            asked = parse_qs(address.query)
            if address.path == "/jwks.json":
                issuer.requests += 1
                self._send(200, "application/json", json.dumps(issuer.jwks()))
            elif address.path == "/token" and {"org", "sub"} <= asked.keys():
                token = issuer.token(asked["org"][0], asked["sub"][0], admin="admin" in asked.get("role", ()))
                self._send(200, "text/plain", token)
            else:
                self._send(404, "text/plain", "GET /jwks.json, or /token?org=GUID&sub=GUID[&role=admin]\n")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as inherited
            """Log nothing: the address holds who asks."""

        def _send(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def main() -> int:
    """Run one until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.issuer", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    with Issuer(port=parser.parse_args().port) as issuer:
        print("\n".join(f"{name}={value}" for name, value in issuer.environment().items()), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
