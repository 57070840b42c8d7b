"""A real certificate authority, OCSP responder and timestamp authority over HTTP.

certomancer issues and answers; what stands before it here makes it slow or lets it
lie, by the first part of the path.
"""

from __future__ import annotations

import threading
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from asn1crypto import tsp
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from werkzeug.serving import WSGIRequestHandler, make_server

from signer.pki.certificates import SEQUENCE, der
from signer.pki.tsa_client import TimestampAuthority
from tests.conftest import MOMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

    from certomancer.registry import PKIArchitecture

ARCHITECTURE = "stamps"
_NULL = 0x05
KEYS = ("root", "responder", "tsa", "school-ca", "school-between", "school-seal")
LONG = {
    "valid-from": "2020-01-01T00:00:00+0000",
    "valid-to": "2040-01-01T00:00:00+0000",
}
OVER = {
    "valid-from": "2020-01-01T00:00:00+0000",
    "valid-to": "2025-01-01T00:00:00+0000",
}


def years(first: int, last: int) -> dict[str, str]:
    """Valid from the beginning of one year to that of another."""
    return {
        "valid-from": f"{first}-01-01T00:00:00+0000",
        "valid-to": f"{last}-01-01T00:00:00+0000",
    }


SLOW_SECONDS = 5.0
PATIENCE = 2.0
"""Seconds that a test waits for an authority that is slow on purpose."""
HONEST_PATIENCE = 30.0
"""Seconds for one that is not, on a machine that may be busy."""


def usage(*kinds: str) -> dict[str, Any]:
    return {
        "id": "key_usage",
        "critical": True,
        "smart-value": {"schema": "key-usage", "params": list(kinds)},
    }


RESPONDER = {
    "id": "authority_information_access",
    "smart-value": {"schema": "aia-urls", "params": {"ocsp-responder-names": ["root"]}},
}


def listed(repository: str) -> dict[str, Any]:
    return {
        "id": "crl_distribution_points",
        "smart-value": {
            "schema": "crl-dist-url",
            "params": {"crl-repo-names": [repository]},
        },
    }


def stamping(*where: dict[str, Any], **more: Any) -> dict[str, Any]:
    purpose = {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]}
    return {
        "subject": "tsa",
        "subject-key": "tsa",
        "issuer": "root",
        "validity": LONG,
        "extensions": [usage("digital_signature"), purpose, *where],
        **more,
    }


def issuing(name: str, issuer: str, *more: dict[str, Any]) -> dict[str, Any]:
    basic = {"id": "basic_constraints", "critical": True, "value": {"ca": True}}
    return {
        "subject": name,
        "issuer": issuer,
        "validity": LONG,
        "extensions": [basic, usage("key_cert_sign", "crl_sign"), *more],
    }


CERTIFICATES = {
    "root": issuing("root", "root"),
    "responder": {
        "subject": "responder",
        "issuer": "root",
        "validity": LONG,
        "extensions": [
            usage("digital_signature"),
            {"id": "extended_key_usage", "critical": True, "value": ["ocsp_signing"]},
            {"id": "ocsp_no_check"},
        ],
    },
    "tsa": stamping(RESPONDER),
    "tsa-listed": stamping(listed("root")),
    "tsa-renewed": stamping(RESPONDER),
    **{
        f"tsa-{name}": stamping(RESPONDER, validity=years(first, last))
        for name, first, last in (
            ("first", 2026, 2028),
            ("second", 2027, 2030),
            ("third", 2029, 2033),
        )
    },
    "tsa-alone": stamping(),
    "tsa-expired": stamping(RESPONDER, validity=OVER),
    "tsa-revoked": stamping(
        RESPONDER, revocation={"revoked-since": "2026-01-01T00:00:00+0000"}
    ),
    "tsa-revoked-listed": stamping(
        listed("root"), revocation={"revoked-since": "2026-01-01T00:00:00+0000"}
    ),
    "school-ca": issuing("school-ca", "school-ca"),
    "school-between": issuing("school-between", "school-ca", listed("school-ca")),
    "school-seal": {
        "subject": "school-seal",
        "issuer": "school-between",
        "validity": LONG,
        "extensions": [
            usage("digital_signature", "non_repudiation"),
            listed("school-between"),
        ],
    },
}


def configuration(address: str) -> dict[str, Any]:
    """What certomancer is told: entities, certificates and services."""
    stamps = [name for name in CERTIFICATES if name.startswith("tsa")]
    return {
        "external-url-prefix": address,
        "keysets": {"keys": {"keys": {one: {"path": f"{one}.pem"} for one in KEYS}}},
        "pki-architectures": {
            ARCHITECTURE: {
                "keyset": "keys",
                "entities": {one: {"common-name": f"Testing {one}"} for one in KEYS},
                "certs": CERTIFICATES,
                "services": {
                    "ocsp": {
                        "root": {
                            "for-issuer": "root",
                            "responder-cert": "responder",
                            "signing-key": "responder",
                        }
                    },
                    "crl-repo": {
                        one: {
                            "for-issuer": one,
                            "signing-key": one,
                            "simulated-update-schedule": "P30D",
                        }
                        for one in ("root", "school-ca", "school-between")
                    },
                    "time-stamping": {
                        one: {"signing-key": "tsa", "signing-cert": one}
                        for one in stamps
                    },
                },
            }
        },
    }


class Quiet(WSGIRequestHandler):
    """Standard error belongs to the tests."""

    def log(self, *_given: Any, **_named: Any) -> None:
        """Say nothing."""


class Authorities:
    """The server, and what tests want of it.

    Args:
        folder: where its keys go.
        at: the moment that it takes for now; the present for processes of their own.
    """

    def __init__(self, folder: Path, at: datetime = MOMENT) -> None:
        for name in KEYS:
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            (folder / f"{name}.pem").write_bytes(
                key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            )
        self.folder = folder
        self.asked: list[str] = []
        self.instead: dict[str, str] = {}
        self._server = make_server(
            "127.0.0.1", 0, self._serve, threaded=True, request_handler=Quiet
        )
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        config = CertomancerConfig(
            configuration(self.address), key_search_dir=str(folder)
        )
        self.architecture: PKIArchitecture = config.get_pki_arch(
            ArchLabel(ARCHITECTURE)
        )
        self._animator = Animator(
            AnimatorArchStore(config.pki_archs), at_time=at, with_web_ui=False
        )
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def move_to(self, at: datetime) -> None:
        """Take another moment for now."""
        self._animator.fixed_time = at

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()

    def certificate(self, name: str) -> x509.Certificate:
        """One of `CERTIFICATES`."""
        raw = self.architecture.get_cert(CertLabel(name)).dump()
        return x509.load_der_x509_certificate(raw)

    def stamps(
        self, name: str = "tsa", manner: str = "", *, seconds: float = 10
    ) -> TimestampAuthority:
        """The timestamp authority with one of the certificates.

        Args:
            name: of the certificate.
            manner: how it behaves: slow, dripping, and so on; honest by default.
            seconds: how long it may take.
        """
        path = f"{manner}/{ARCHITECTURE}/tsa/{name}".lstrip("/")
        return TimestampAuthority(
            f"{self.address}/{path}", [self.certificate("root")], seconds=seconds
        )

    def _serve(
        self, environ: dict[str, Any], start: Callable[..., Any]
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        path = self.instead.get(path, path)
        manner, _, rest = path[1:].partition("/")
        act = {
            "slow": _slow,
            "dripping": _dripping,
            "broken": _broken,
            "chatting": _chatting,
            "refusing": _refusing,
            "nonce": _another_nonce,
            "imprint": _another_imprint,
            "repeating": _repeating,
        }.get(manner)
        environ["PATH_INFO"] = "/" + rest if act else path
        if act:
            answer = act(environ, start)
            if answer is not None:
                return answer
        honest: Iterable[bytes] = self._animator(environ, start)
        return honest


def _slow(_environ: dict[str, Any], _start: Callable[..., Any]) -> None:
    time.sleep(SLOW_SECONDS)


def _dripping(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "application/timestamp-reply")])
    for _ in range(40):
        yield b"0"
        time.sleep(SLOW_SECONDS / 40)


def _broken(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("500 Internal Server Error", [("Content-Type", "text/plain")])
    return [b"out of order"]


def _chatting(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/html")])
    return [b"<!doctype html><title>Welcome</title>"]


def _refusing(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "application/timestamp-reply")])
    # PKIStatus 2, rejection, and no token.
    return [bytes.fromhex("30053003020102")]


def _another_nonce(environ: dict[str, Any], _start: Callable[..., Any]) -> None:
    question = _question(environ)
    question["nonce"] = question["nonce"].native - 1
    _ask(environ, question.dump(force=True))


def _another_imprint(environ: dict[str, Any], _start: Callable[..., Any]) -> None:
    question = _question(environ)
    question["message_imprint"]["hashed_message"] = bytes(32)
    _ask(environ, question.dump(force=True))


def _repeating(environ: dict[str, Any], _start: Callable[..., Any]) -> None:
    """Sign words that somebody put beside the digest: not every authority minds."""
    question = _question(environ)
    imprint = question["message_imprint"]
    name = imprint["hash_algorithm"]["algorithm"].dump()
    question["message_imprint"] = tsp.MessageImprint.load(
        der(
            SEQUENCE,
            der(SEQUENCE, name, der(_NULL, b"I do not agree.")),
            imprint["hashed_message"].dump(),
        )
    )
    _ask(environ, question.dump())


def _question(environ: dict[str, Any]) -> tsp.TimeStampReq:
    raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    return tsp.TimeStampReq.load(raw)


def _ask(environ: dict[str, Any], raw: bytes) -> None:
    environ["wsgi.input"] = BytesIO(raw)
    environ["CONTENT_LENGTH"] = str(len(raw))
