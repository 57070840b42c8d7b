"""The European Commission's DSS, of what the school keeps and hands out."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signer import clock
from tests.conftest import MOMENT
from tests.declaration.archiving import AFTERWARDS, kept_for_years
from tests.declaration.authorities import Authorities
from tests.declaration.forgery import (
    genuine,
    key_folder,
    school_key,
    with_an_annotation_over_a_page,
)
from tests.declaration.school import School
from tests.judges.files import SOON, File
from tests.judges.running import DSS, NotBuilt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles
    from tests.judges.running import Findings

pytestmark = [pytest.mark.tool("java"), pytest.mark.tool("mvn")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, key_files: KeyFiles) -> Path:
    """Files of each kind, and the certificates to trust."""
    folder = tmp_path_factory.mktemp("judged")
    authorities = Authorities(tmp_path_factory.mktemp("authorities"))
    school = School(key_files, school_key(key_folder(key_files)))
    try:
        with clock.frozen(MOMENT):
            timed = school.sealed(authorities.stamps("tsa-first")).pdf
            made = {
                "plain": genuine(key_folder(key_files)),
                "timed": timed,
                "first": kept_for_years(timed, school, authorities, times=1),
                "twice": kept_for_years(timed, school, authorities, times=3),
            }
            made["forged"] = with_an_annotation_over_a_page(made["first"])
        for name, pdf in made.items():
            (folder / f"{name}.pdf").write_bytes(pdf)
        for name, certificate in (
            ("ca", key_files.authority),
            ("tsa", authorities.certificate("root")),
        ):
            raw = certificate.public_bytes(Encoding.PEM)
            (folder / f"{name}.pem").write_bytes(raw)
    finally:
        authorities.close()
    (folder / "ca.crl").write_bytes(key_files.revocation_list.read_bytes())
    return folder


@pytest.fixture(scope="module")
def judged(folder: Path) -> Mapping[tuple[str, datetime], Findings]:
    """What DSS says of each file, soon and afterwards."""
    names = ("plain", "timed", "first", "twice", "forged")
    asked = [(name, at) for name in names for at in (SOON, AFTERWARDS)]
    files = []
    for name, at in asked:
        path = folder / f"{name}-{at.year}.pdf"
        shutil.copy(folder / f"{name}.pdf", path)
        files.append(File(path, kind=name, key="RSA-3072", at=at))
    try:
        said = DSS.judge(files, folder)
    except NotBuilt as error:
        pytest.skip(str(error))
    return dict(zip(asked, said, strict=True))


def of(said: Findings) -> tuple[str, str, str]:
    """Its verdict, the level, and whether anything was changed."""
    return said["verdict"], said["form"], said["changes"]


@pytest.mark.parametrize(
    ("name", "form", "modifications"),
    [
        ("plain", "PAdES-BASELINE-B", "no"),
        ("timed", "PAdES-BASELINE-T", "no"),
        ("first", "PAdES-BASELINE-LTA", "extension"),
    ],
)
def test_each_kind_of_file_passes(
    judged: Mapping[tuple[str, datetime], Findings],
    name: str,
    form: str,
    modifications: str,
) -> None:
    """A parent's file is B-B or B-T to it, unmodified, and the archive copy B-LTA."""
    assert of(judged[name, SOON]) == ("TOTAL_PASSED", form, modifications)


def test_a_copy_renewed_twice_passes_after_two_authorities_have_ended(
    judged: Mapping[tuple[str, datetime], Findings],
) -> None:
    """Where the file itself, or a copy that was never renewed, does not any more."""
    expected = ("TOTAL_PASSED", "PAdES-BASELINE-LTA", "extension")
    assert of(judged["twice", AFTERWARDS]) == expected
    for name in ("timed", "first"):
        assert judged[name, AFTERWARDS]["verdict"].startswith("INDETERMINATE")


def test_what_is_added_to_a_copy_is_noticed(
    judged: Mapping[tuple[str, datetime], Findings],
) -> None:
    """An annotation is no extension."""
    assert judged["forged", SOON]["changes"] == "yes"
