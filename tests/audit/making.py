"""A school year for tests of the audit, and bundles that somebody tampered with."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

from signer.audit.bundle import SIGNED_SUMS, SUMS
from signer.store.columns import NoteKind
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.declarations.seal_version import seal_versions
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.paper.record import record_paper
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from signer.workflows.requests.sign import sign_declaration
from tests.workflows.conftest import Post, answers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from signer.workflows.context import AppContext


def a_year(app_context: AppContext) -> list[str]:
    """Everybody is asked; two sign, one on paper, one declines; the text is sealed.

    The head of the log is signed once in the middle. Gives the declarations.
    """
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    signed = [sign(app_context, post, "Amira Khan")]
    sign_checkpoint(app_context)
    signed.append(sign(app_context, post, "王小明"))
    record_paper(app_context, "family@example.org", by="Office", name="Tom O'Brien")
    ref, mark = opened(app_context, post, "Niamh O'Brien")
    tell_office(
        app_context,
        ref,
        NoteKind.DECLINE,
        link_fingerprint=mark,
        words="I do not agree.",
    )
    seal_versions(app_context)
    sign_checkpoint(app_context)
    return signed


def opened(app_context: AppContext, post: Post, name: str) -> tuple[str, str]:
    """Somebody opens their link; gives what answers are given with."""
    followed = open_link(app_context, post.token(name))
    assert followed.request_ref
    assert followed.link_fingerprint
    return followed.request_ref, followed.link_fingerprint


def sign(app_context: AppContext, post: Post, name: str) -> str:
    """Somebody opens their link and signs; gives the declaration's reference."""
    ref, mark = opened(app_context, post, name)
    given = answers(app_context, typed_name=name)
    return sign_declaration(
        app_context, ref, link_fingerprint=mark, answers=given
    ).declaration_id


def contents(path: Path) -> dict[str, bytes]:
    """Every file of a bundle."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, files: Mapping[str, bytes], *, summed: bool = True) -> Path:
    """A bundle of some files, whose list fits them unless it is to be kept.

    A list that fits what was changed is one that nobody signed.
    """
    files = dict(files)
    if summed and SUMS in files:
        files.pop(SIGNED_SUMS, None)
        files[SUMS] = "".join(
            f"{hashlib.sha256(content).hexdigest()}  {name}\n"
            for name, content in files.items()
            if name != SUMS
        ).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
