"""A mail goes to the domain in the register, by what the mail server is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.register.rows import read_register
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.register.import_register import import_register
from tests.workflows.conftest import link_in
from tests.workflows.mailing.moody_server import send
from tests.workflows.mailing.post_office import PostOffice

if TYPE_CHECKING:
    from signer.workflows.context import AppContext

# The same on each database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

REGISTER = """\
parent_name,parent_email,relationship,child_name,year_group
Jörg Groß,joerg@straße.example,father,Eva,Year 4
Jörg Klein,jörg@example.org,father,Max,Year 4
Nikos P,nikos@βόλος.example,father,Ida,Year 4
"O'Brien, Sean",sean.o'brien@example.org,father,Zed,Year 4
"Ann ""Annie"" Smith",ann+x@example.org,mother,Kim,Year 4
"""

TOLD = {
    "joerg@straße.example": "joerg@xn--strae-oqa.example",
    "jörg@example.org": "jörg@example.org",
    "nikos@βόλος.example": "nikos@xn--nxasmm1c.example",
    "sean.o'brien@example.org": "sean.o'brien@example.org",
    "ann+x@example.org": "ann+x@example.org",
}
"""What the mail server is told at RCPT, by the address in the register."""


def test_a_link_goes_to_the_domain_in_the_register(app_context: AppContext) -> None:
    """From the file to the server: never to a domain that only looks the same."""
    office = PostOffice()
    app_context.settings = replace(app_context.settings, mail_url=office.url)
    import_register(app_context, read_register(REGISTER.encode()), leavers=True)
    ask_parents(app_context)
    with office.open():
        assert send(app_context) == len(TOLD)
    assert sorted(office.recipients) == sorted(TOLD.values())
    assert len({found[1] for one in office.taken if (found := link_in(one))}) == 5
