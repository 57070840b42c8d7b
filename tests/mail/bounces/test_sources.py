"""Mailboxes that bounces come to: a real IMAP server, and folders of mails."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from signer.errors import MailboxUnreadable, SettingsError
from signer.mail.bounces import sources
from signer.mail.bounces.reports import LARGEST
from signer.mail.bounces.sources import FolderSource, ImapSource, source_for
from tests.mail.bounce_examples import OUT_OF_OFFICE, POSTFIX
from tests.mail.dovecot import PASSWORD, USER, dovecot, own_certificate
from tests.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.mail.bounces.sources import BounceSource
    from tests.mail.dovecot import Dovecot


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def server(running: Dovecot) -> Dovecot:
    """A server whose mailbox is empty."""
    with running.mailbox() as mailbox:
        mailbox.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
        mailbox.expunge()
    return running


def contents(source: BounceSource) -> list[bytes]:
    return [mail.content for mail in source.unread()]


@pytest.mark.tool("dovecot")
def test_a_mail_is_marked_as_seen_once_it_is_settled(server: Dovecot) -> None:
    """A mail that nobody settles stays unread for people, and for the next process."""
    server.put(POSTFIX, OUT_OF_OFFICE)
    source = source_for(server.url)

    bounce, other = source.unread()
    read_again = contents(source_for(server.url))

    assert bounce.content == read_again[0] == POSTFIX
    assert other.content == read_again[1]
    assert server.seen() == []


@pytest.mark.tool("dovecot")
def test_settling_marks_that_mail_alone(server: Dovecot) -> None:
    """What was understood is seen; the rest waits for somebody to look."""
    server.put(OUT_OF_OFFICE, POSTFIX)

    for mail in source_for(server.url).unread():
        if mail.content == POSTFIX:
            mail.settle()

    assert server.seen() == [b"2"]


@pytest.mark.tool("dovecot")
def test_a_mail_is_shown_once_by_one_object(server: Dovecot) -> None:
    """What is left unread is not read again each minute; what is new is."""
    server.put(OUT_OF_OFFICE)
    source = source_for(server.url)

    assert len(contents(source)) == 1
    assert contents(source) == []
    server.put(POSTFIX)
    assert contents(source) == [POSTFIX]


@pytest.mark.tool("dovecot")
def test_of_a_large_mail_the_beginning_is_fetched(server: Dovecot) -> None:
    """A mail of megabytes costs no more than its first part."""
    server.put(POSTFIX + b"x" * 3 * LARGEST)

    (mail,) = contents(source_for(server.url))

    assert mail == (POSTFIX + b"x" * LARGEST)[:LARGEST]


@pytest.mark.tool("dovecot")
def test_another_mailbox_can_be_named(server: Dovecot) -> None:
    """A folder of the account, with a space in its name."""
    with server.mailbox() as mailbox:
        mailbox.create('"Sent back"')
        mailbox.append('"Sent back"', "", "", POSTFIX)

    url = server.url.replace("INBOX", "Sent%20back")

    assert contents(source_for(url)) == [POSTFIX]


@pytest.mark.tool("dovecot")
@pytest.mark.parametrize(
    ("old", "new"), [("p%40ss%2Fword", "wrong"), ("INBOX", "missing")]
)
def test_a_refusal_is_told_without_the_login(
    server: Dovecot, old: str, new: str
) -> None:
    """A wrong password or a mailbox that is not there: said without either."""
    source = source_for(server.url.replace(old, new))

    with pytest.raises(MailboxUnreadable) as caught:
        contents(source)

    assert "refused" in caught.value.reply
    assert USER not in caught.value.reply
    assert "wrong" not in caught.value.reply
    assert caught.value.__cause__ is None


@pytest.mark.tool("dovecot")
def test_mail_is_read_over_tls(tmp_path: Path) -> None:
    """With TLS from the first byte, and a certificate that is trusted."""
    certificate = own_certificate(tmp_path)
    trust = ssl.create_default_context(cafile=certificate)
    with dovecot(certificate) as server:
        trusting = ImapSource(
            host=HOST, port=server.port, user=USER, password=PASSWORD, trust=trust
        )
        doubting = ImapSource(host=HOST, port=server.port, user=USER, password=PASSWORD)

        assert contents(trusting) == []
        with pytest.raises(MailboxUnreadable, match="trusted"):
            contents(doubting)


def test_a_silent_server_is_left_in_time() -> None:
    """A server that accepts a connection and says nothing holds nobody for long."""
    with closing(socket.create_server((HOST, 0))) as silent:
        port = silent.getsockname()[1]
        source = ImapSource(
            host=HOST, port=port, user=USER, password=PASSWORD, tls=False, timeout=0.2
        )

        with pytest.raises(MailboxUnreadable, match="cannot be reached"):
            contents(source)


def test_a_server_that_hangs_up_is_unreadable() -> None:
    """A connection that ends before the greeting is a trouble, and no crash."""
    with closing(socket.create_server((HOST, 0))) as rude:

        def hang_up() -> None:
            connection, _ = rude.accept()
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        port = rude.getsockname()[1]
        source = ImapSource(
            host=HOST, port=port, user=USER, password=PASSWORD, tls=False
        )
        with pytest.raises(MailboxUnreadable, match=r"broke off|reached"):
            contents(source)
        thread.join()


def test_a_folder_of_mails_is_read(tmp_path: Path) -> None:
    """Each .eml file once; settled, it stands in the folder `read`."""
    (tmp_path / "1.eml").write_bytes(POSTFIX)
    (tmp_path / "2.eml").write_bytes(OUT_OF_OFFICE)
    (tmp_path / ".3.eml").write_bytes(b"half")
    (tmp_path / "4.txt").write_bytes(b"something else")
    source = FolderSource(tmp_path)

    first, second = source.unread()
    first.settle()

    assert (first.content, second.content) == (POSTFIX, OUT_OF_OFFICE)
    assert (tmp_path / "read" / "1.eml").read_bytes() == POSTFIX
    assert contents(source) == []
    assert contents(FolderSource(tmp_path)) == [OUT_OF_OFFICE]


def test_a_maildir_is_read(tmp_path: Path) -> None:
    """New mails and unseen ones; settled, they are seen in the Maildir's own way."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1.host").write_bytes(POSTFIX)
    (tmp_path / "cur" / "0.host:2,F").write_bytes(OUT_OF_OFFICE)
    (tmp_path / "cur" / "2.host:2,S").write_bytes(b"seen")

    mails = list(FolderSource(tmp_path).unread())
    for mail in mails:
        mail.settle()

    assert {mail.content for mail in mails} == {POSTFIX, OUT_OF_OFFICE}
    assert sorted(path.name for path in (tmp_path / "cur").iterdir()) == [
        "0.host:2,FS",
        "1.host:2,S",
        "2.host:2,S",
    ]
    assert contents(FolderSource(tmp_path)) == []


def test_a_missing_folder_is_a_trouble(tmp_path: Path) -> None:
    """It is said, and waits for the folder to be there."""
    source = FolderSource(tmp_path / "missing")

    with pytest.raises(MailboxUnreadable, match="not there"):
        contents(source)
    (tmp_path / "missing").mkdir()
    assert contents(source) == []


def test_one_look_reads_so_many_mails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full mailbox is read in several looks."""
    monkeypatch.setattr(sources, "MOST_AT_ONCE", 2)
    for number in range(3):
        (tmp_path / f"{number}.eml").write_bytes(POSTFIX)
    source = FolderSource(tmp_path)

    assert [len(contents(source)) for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("imaps://u%40x:p%2F@mail.example", ("mail.example", 993, "INBOX", True)),
        ("imap://u:p@mail.example:1143/A%20B", ("mail.example", 1143, "A B", False)),
    ],
)
def test_an_address_names_a_mailbox(
    url: str, expected: tuple[str, int, str, bool]
) -> None:
    """Scheme, host, port and mailbox."""
    source = source_for(url)

    assert isinstance(source, ImapSource)
    assert (source.host, source.port, source.mailbox, source.tls) == expected


@pytest.mark.parametrize(
    "url",
    [
        "pop3://u:p@mail.example",
        "imaps://mail.example",
        "imaps://u@mail.example",
        "imaps://u:p@mail.example:port",
        "imaps://u:p@mail.example?x=1",
        "imaps://u:p@mail.example/Büro",
        "imaps://u:p/w@mail.example",
        "folder:",
    ],
)
def test_an_unusable_address_is_refused(url: str) -> None:
    """It is not repeated, since it may hold a password."""
    with pytest.raises(SettingsError) as caught:
        source_for(url)

    assert "u:p" not in str(caught.value)


def test_a_source_never_shows_its_password() -> None:
    """Neither in a log nor in a traceback."""
    source = source_for("imaps://someone:secret@mail.example")

    assert "secret" not in repr(source)
    assert "someone" not in repr(source)
