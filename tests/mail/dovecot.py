"""A real IMAP server for a test: Dovecot with a folder of its own."""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import HOST, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "bounces"
PASSWORD = "p@ss/word"
START_SECONDS = 60

_CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = {host}
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login_user}
mail_location = maildir:{mail}/Maildir
first_valid_uid = 0
first_valid_gid = 0
passdb {{
  driver = static
  args = password={password} user={name}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail} allow_all_users=yes
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  {chroot}
}}
service stats {{
  {chroot}
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server.

    Attributes:
        folder: its own, with the Maildir.
        port: where it answers, without TLS, or with it where it has a certificate.
    """

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """The mailbox as ``SIGNER_BOUNCE_URL`` names it."""
        return f"imap://{USER}:p%40ss%2Fword@{HOST}:{self.port}/INBOX"

    @contextmanager
    def mailbox(self) -> Iterator[imaplib.IMAP4]:
        """The mailbox as a person's own program sees it."""
        with imaplib.IMAP4(HOST, self.port, timeout=30) as server:
            server.login(USER, PASSWORD)
            server.select()
            yield server

    def put(self, *mails: bytes) -> None:
        """Let mails come in."""
        with self.mailbox() as server:
            for mail in mails:
                assert server.append("INBOX", "", "", mail)[0] == "OK"

    def seen(self) -> list[bytes]:
        """The numbers of the mails that are marked as seen."""
        with self.mailbox() as server:
            found: list[bytes] = server.search(None, "SEEN")[1][0].split()
        return found


@contextmanager
def dovecot(certificate: Path | None = None) -> Iterator[Dovecot]:
    """Run a server while the block lasts.

    Args:
        certificate: the server's, with its key (PEM), for TLS from the first byte.
    """
    # Not in pytest's own folder: its sockets want a short path, and as root it runs
    # as other users, who may not enter that.
    with tempfile.TemporaryDirectory(prefix="signer-dovecot-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with _running(folder, certificate) as server:
            yield server


@contextmanager
def _running(folder: Path, certificate: Path | None) -> Iterator[Dovecot]:
    port = free_port()
    config = folder / "dovecot.conf"
    root = os.getuid() == 0
    # It refuses to serve mail, or to ask for a password, as root.
    account = pwd.getpwnam("dovecot" if root else getpass.getuser())
    mail = folder / "mail"
    mail.mkdir()
    os.chown(mail, account.pw_uid, account.pw_gid)
    config.write_text(
        _CONFIG.format(
            folder=folder,
            mail=mail,
            host=HOST,
            ssl="no" if certificate is None else "required",
            certificate=(
                f"ssl_cert = <{certificate}\nssl_key = <{certificate}"
                if certificate
                else ""
            ),
            user=account.pw_name,
            login_user="dovenull" if root else account.pw_name,
            group=grp.getgrgid(account.pw_gid).gr_name,
            uid=account.pw_uid,
            gid=account.pw_gid,
            # Only root can lock a process into a folder.
            chroot="" if root else "chroot =",
            name=USER,
            password=PASSWORD,
            port=port if certificate is None else 0,
            tls_port=0 if certificate is None else port,
        )
    )
    with subprocess.Popen(
        ["dovecot", "-F", "-c", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as server:
        try:
            _wait_for(server, port, folder)
            yield Dovecot(folder, port)
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(10)
            server.kill()


def own_certificate(folder: Path) -> Path:
    """A certificate for this machine that nobody else signed, and its key (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def _wait_for(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            assert server.stderr is not None
            log = folder / "dovecot.log"
            words = log.read_text() if log.exists() else ""
            raise AssertionError(server.stderr.read().decode() + words)
        with suppress(OSError), socket.create_connection((HOST, port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("Dovecot does not answer")
