"""People outside the school get the log's head once a month, and keep it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from signer.errors import SealError
from signer.ledger.checkpoints import read_checkpoint
from signer.store.columns import Delivery
from signer.store.log.tables import SignedCheckpoint
from signer.store.tables import Outbox
from signer.workflows.log.check import check_log
from signer.workflows.log.origins import verifiers
from signer.workflows.log.sign_when_due import keep_log
from signer.workflows.log.witnesses import mail_witnesses
from tests.conftest import run
from tests.declaration.authorities import ARCHITECTURE, Authorities
from tests.workflows.conftest import files, words
from tests.workflows.log import logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post

ONE, OTHER = "governor@example.org", "auditor@example.net"
ORIGIN = "127.0.0.1:8000/log"


@pytest.fixture
def witnessed(app_context: AppContext) -> AppContext:
    """A context with two witnesses and five entries in its log."""
    app_context.settings = replace(app_context.settings, witnesses=(ONE, OTHER))
    logs.append(app_context.sessions, 5)
    return app_context


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authorities]:
    """Certomancer over HTTP on this machine."""
    running = Authorities(tmp_path_factory.mktemp("authorities"))
    yield running
    running.close()


def with_authority(
    app_context: AppContext,
    authorities: Authorities,
    folder: Path,
    *,
    broken: bool = False,
) -> Path:
    """Name the timestamp authority in the settings; gives its root's file."""
    root = folder / "tsa.pem"
    root.write_bytes(authorities.certificate("root").public_bytes(Encoding.PEM))
    first = "broken/" if broken else ""
    app_context.settings = replace(
        app_context.settings,
        tsa_url=f"{authorities.address}/{first}{ARCHITECTURE}/tsa/tsa",
        tsa_trust_file=root,
    )
    return root


def test_each_witness_gets_the_newest_head(witnessed: AppContext, post: Post) -> None:
    """The attached file is the note, byte for byte, and names nobody."""
    assert mail_witnesses(witnessed) == 2
    post.send()
    for address in (ONE, OTHER):
        (message,) = post.to(address)
        (content,) = files(message).values()
        assert list(files(message)) == ["checkpoint"]
        (attached,) = message.iter_attachments()
        assert attached.get_content_charset() == "utf-8"
        assert attached.get_content() == content.decode()
        head = read_checkpoint(content.decode(), ORIGIN, verifiers(witnessed))
        assert head.size == 5
        assert head.root.hex() in words(message)
        assert "timestamp" not in words(message)
        assert "Amira" not in message.as_string()
    report = check_log(witnessed, [("kept", content.decode())])
    assert report.held[0].problem is None


def test_one_a_month_and_no_more(
    witnessed: AppContext, post: Post, frozen: Callable[[timedelta], None]
) -> None:
    """The next comes with the next month; a new witness gets the first at once."""
    assert mail_witnesses(witnessed) == 2
    assert mail_witnesses(witnessed) == 0
    witnessed.settings = replace(
        witnessed.settings, witnesses=(ONE, OTHER, "third@example.org")
    )
    assert mail_witnesses(witnessed) == 1
    frozen(timedelta(days=7))
    assert mail_witnesses(witnessed) == 0
    frozen(timedelta(days=7))
    assert mail_witnesses(witnessed) == 3
    post.send()
    assert [len(post.to(one)) for one in witnessed.settings.witnesses] == [2, 2, 2]


def test_no_address_is_in_the_outbox(witnessed: AppContext) -> None:
    """A row tells the month, and who only to whoever knows the address."""
    mail_witnesses(witnessed)
    with witnessed.sessions.reading() as session:
        rows = session.scalars(select(Outbox.occasion)).all()
    assert all(one.startswith("witness:2026-11:") for one in rows)
    assert "example" not in "".join(rows)


def test_who_is_no_witness_any_more_gets_none(
    witnessed: AppContext, post: Post
) -> None:
    """A mail that nobody wants is dropped."""
    mail_witnesses(witnessed)
    witnessed.settings = replace(witnessed.settings, witnesses=(OTHER,))
    post.send()
    assert (len(post.to(ONE)), len(post.to(OTHER))) == (0, 1)
    with witnessed.sessions.reading() as session:
        states = session.scalars(select(Outbox.delivery)).all()
    assert sorted(states) == [Delivery.DROPPED, Delivery.SENT]


def test_without_witnesses_or_entries_nothing_is_queued(
    app_context: AppContext,
) -> None:
    """There is nobody to write to, or nothing to say."""
    assert mail_witnesses(app_context) == 0
    app_context.settings = replace(app_context.settings, witnesses=(ONE,))
    assert mail_witnesses(app_context) == 0


def test_a_broken_log_is_not_witnessed(witnessed: AppContext) -> None:
    """Nobody is asked to keep the head of a log that does not hold."""
    keep_log(witnessed)
    logs.say_size(witnessed, 9)
    assert mail_witnesses(witnessed) == 0


@pytest.mark.tool("openssl")
def test_the_head_is_stamped_where_an_authority_is_set(
    witnessed: AppContext, post: Post, authorities: Authorities, tmp_path: Path
) -> None:
    """The token is over the note's bytes, is kept, and openssl believes it."""
    root = with_authority(witnessed, authorities, tmp_path)
    mail_witnesses(witnessed)
    # What is signed meanwhile has no stamp yet: the stamped one goes out.
    logs.append(witnessed.sessions, 2)
    keep_log(witnessed)
    post.send()
    (message,) = post.to(ONE)
    found = files(message)
    assert list(found) == ["checkpoint", "checkpoint.tst"]
    assert "timestamp authority" in words(message)
    with witnessed.sessions.reading() as session:
        stamped = session.scalars(
            select(SignedCheckpoint).where(SignedCheckpoint.timestamp.is_not(None))
        ).one()
    assert (stamped.note.encode(), stamped.timestamp) == tuple(found.values())
    for name, content in found.items():
        (tmp_path / str(name)).write_bytes(content)
    data, token = tmp_path / "checkpoint", tmp_path / "checkpoint.tst"
    verify = ("openssl", "ts", "-verify", "-token_in", "-in", token, "-CAfile", root)
    assert "Verification: OK" in run(*verify, "-data", data)
    data.write_bytes(data.read_bytes() + b"\n")
    assert "FAILED" in run(*verify, "-data", data, check=False)


def test_an_authority_that_fails_holds_the_mail_back(
    witnessed: AppContext, post: Post, authorities: Authorities, tmp_path: Path
) -> None:
    """No head goes out unstamped where a stamp was asked for; it is tried again."""
    with_authority(witnessed, authorities, tmp_path, broken=True)
    with pytest.raises(SealError):
        mail_witnesses(witnessed)
    assert post.send() == 0
    with_authority(witnessed, authorities, tmp_path)
    assert mail_witnesses(witnessed) == 2
    assert post.send() == 2


def test_a_stamped_head_is_not_stamped_twice(
    witnessed: AppContext, authorities: Authorities, tmp_path: Path
) -> None:
    """A witness who joins later gets the stamp that is there."""
    with_authority(witnessed, authorities, tmp_path)
    mail_witnesses(witnessed)
    with witnessed.sessions.reading() as session:
        before = session.scalars(select(SignedCheckpoint.timestamp)).one()
    witnessed.settings = replace(witnessed.settings, witnesses=("third@example.org",))
    with_authority(witnessed, authorities, tmp_path, broken=True)
    assert mail_witnesses(witnessed) == 1
    with witnessed.sessions.reading() as session:
        assert session.scalars(select(SignedCheckpoint.timestamp)).one() == before
