"""Archive copies in a bundle: the sealed file, and nothing but what keeps it."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signer.audit.bundle import archive_copy_file, declaration_file
from signer.audit.trust import Given
from signer.workflows.audit.bundle import export_audit
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.declarations.archive import archive_declarations
from signer.workflows.declarations.seal import seal_outstanding
from tests.audit.auditing import audited, declarations, gaps
from tests.audit.making import contents, sign
from tests.audit.test_stranger import check
from tests.declaration.authorities import ARCHITECTURE, Authorities
from tests.declaration.forgery import with_an_annotation_over_a_page
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.workflows.context import AppContext


# A bundle of the other database, copies and all, is the subject of the first test.
sqlite_alone = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authorities]:
    """Certomancer over HTTP on this machine."""
    running = Authorities(tmp_path_factory.mktemp("authorities"))
    yield running
    running.close()


@pytest.fixture
def bundle(app_context: AppContext, authorities: Authorities, tmp_path: Path) -> Path:
    """Two declarations with their archive copies, and all that proves them."""
    root = tmp_path / "root.pem"
    root.write_bytes(authorities.certificate("root").public_bytes(Encoding.PEM))
    app_context.settings = replace(
        app_context.settings,
        tsa_url=f"{authorities.address}/{ARCHITECTURE}/tsa/tsa-first",
        tsa_trust_file=root,
        crl_file=app_context.settings.trust_path.with_name("ca.crl"),
    )
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    for name in ("Amira Khan", "王小明"):
        sign(app_context, post, name)
    assert seal_outstanding(app_context) == 2
    assert archive_declarations(app_context).made == 2
    path = tmp_path / "audit.zip"
    export_audit(app_context, path)
    return path


def test_copies_are_whole_and_counted(
    bundle: Path, authorities: Authorities, tmp_path: Path
) -> None:
    """Each begins with the declaration's own file."""
    files = contents(bundle)
    brought = Given(tsa_roots=[authorities.certificate("root")])
    found = audited(tmp_path, files, brought)
    assert [one for one in gaps(found) if "archive/" in one] == []
    assert found.counts.archived == 2
    assert found.counts.levels == {"B-LT": 2}
    for one in declarations(files):
        copy = files[archive_copy_file(one)]
        assert copy.startswith(files[declaration_file(one)])


@sqlite_alone
def test_what_is_no_copy_of_its_declaration_is_a_gap(
    bundle: Path, tmp_path: Path
) -> None:
    """Something added, the file itself, another's copy, one of nothing."""
    files = contents(bundle)
    first, second = declarations(files)
    name, other = archive_copy_file(first), archive_copy_file(second)
    for content, sentence in (
        (with_an_annotation_over_a_page(files[name]), "It is no archive copy."),
        (files[declaration_file(first)], "It is no archive copy."),
        (files[other], "The sealed file in it is not the one that the log names"),
    ):
        found = gaps(audited(tmp_path, {**files, name: content}))
        assert any(one.startswith(f"{name}: {sentence}") for one in found), found
    stray = archive_copy_file("D-0000-0000-0000")
    found = gaps(audited(tmp_path, {**files, stray: files[name]}))
    assert f"{stray}: The log does not know what it is a copy of." in found


@sqlite_alone
def test_a_timestamp_of_strangers_is_said(bundle: Path, tmp_path: Path) -> None:
    """Whoever brings another authority's certificate hears of each copy."""
    files = contents(bundle)
    stranger = files["keys/ca.pem"]
    found = audited(tmp_path, {**files, "keys/tsa.pem": stranger})
    told = {one.where for one in found.findings if "timestamp" in one.sentence}
    assert {archive_copy_file(one) for one in declarations(files)} <= told


@sqlite_alone
def test_a_stranger_sees_whether_a_copy_begins_with_the_file(
    bundle: Path, tmp_path: Path
) -> None:
    """By the program in the bundle, which needs pyHanko alone."""
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    done = check(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    first, second = declarations(contents(bundle))
    copy = folder / archive_copy_file(first)
    copy.write_bytes((folder / archive_copy_file(second)).read_bytes())
    done = check(folder, first)
    assert done.returncode == 1
    assert f"{first}: its archive copy does not begin with the file." in done.stdout
