"""A domain is looked up as browsers and registries read it, by one rule everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from signer.config import load
from signer.domain_names import ascii_domain
from signer.errors import SettingsError
from signer.mail.bounces.sources import ImapSource, source_for
from signer.mail.headers import mailbox
from signer.register.rows import read_register

PACKAGE = Path(__file__).parents[1] / "signer"

# Each name that IDNA 2003 reads as a stranger's; the two have different owners.
STRANGERS = pytest.mark.parametrize(
    ("written", "meant", "stranger"),
    [
        ("straße.example", "xn--strae-oqa.example", "strasse.example"),
        ("STRASSE.Straße.example", "strasse.xn--strae-oqa.example", "strasse.example"),
        ("faß.de", "xn--fa-hia.de", "fass.de"),
        ("βόλος.example", "xn--nxasmm1c.example", "xn--nxasmq6b.example"),
    ],
)


@STRANGERS
def test_a_mail_goes_to_the_domain_in_the_register(
    written: str, meant: str, stranger: str
) -> None:
    """What a parent's address names is what the mail server is told."""
    file = (
        "parent_name,parent_email,relationship,child_name,year_group\n"
        f"Jo Gross,jo@{written},father,Eva,Year 4\n"
    )
    (parent,) = read_register(file.encode()).parents
    domain = mailbox(parent.name, parent.email).domain
    assert domain == meant
    assert domain != stranger


@STRANGERS
def test_every_address_of_the_settings_is_read_alike(
    written: str, meant: str, stranger: str
) -> None:
    """Links, and the mailbox that is asked with a password, lead to the same host."""
    found = load({"SIGNER_BASE_URL": f"https://{written}"})
    assert found.base_url == f"https://{meant}"
    source = source_for(f"imaps://user:password@{written}/INBOX")
    assert isinstance(source, ImapSource)
    assert source.host == meant


@pytest.mark.parametrize(
    "name",
    [
        "a\u200db.example",
        "sch\u202eüle.example",
        "ü" * 64,
        "ü..example",
        "-ü.de",
        "xn--zz.example",
        "mail.XN--a.example",
        "xn--.example",
        "xn--bcher-kva8.example",
    ],
)
def test_what_is_no_domain_name_is_refused(name: str) -> None:
    """Joiners out of place, overrides, labels too long or empty, or coded wrongly."""
    with pytest.raises(ValueError, match=r".+"):
        ascii_domain(name)


def test_a_name_that_is_coded_wrongly_is_told_in_words() -> None:
    """To whoever sets an address, and to whoever brings the register."""
    with pytest.raises(SettingsError, match="is no domain name"):
        load({"SIGNER_BASE_URL": "https://xn--zz.example"})
    file = (
        "parent_name,parent_email,relationship,child_name,year_group\n"
        "Jo Gross,jo@xn--zz.example,father,Eva,Year 4\n"
    )
    (problem,) = read_register(file.encode()).problems
    assert "the part after the @ cannot be right" in str(problem)


def test_ascii_stays_as_it_is() -> None:
    """Names that registries gave before there was a rule go on working."""
    for name in ("Families.Example", "ab--cd.example", "XN--Bcher-kva.example"):
        assert ascii_domain(name) == name


def test_no_file_uses_the_codec_of_2003() -> None:
    """The one function is the only way."""
    codec = re.compile(r"""(en|de)code\(\s*["']idna|encodings\.idna|import idna""")
    using = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if codec.search(path.read_text("utf-8"))
    }
    assert using == {"domain_names.py"}
