"""The PDF as a file: what it holds, what it claims, and how it comes to be."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

import signer
from signer.declaration.pdf.declaration_pdf import (
    TEMPLATE_VERSION,
    typeset,
    typst_version,
)
from signer.declaration.pdf.fonts import FACES, load_fonts
from signer.declaration.pdf.subprocess_typesetting import DECLARATION, ask_subprocess
from signer.declaration.statement import to_json
from signer.errors import StatementError, TypesetError
from tests.declaration.typeset_example import BLOCKS, EXAMPLE, SOURCE, pdf_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


# Whoever changes what is printed gives the template a new version: a PDF sealed
# before can then be told from one that was altered.
KNOWN_PDF = {
    ("4", "0.15.2"): "e8867ccbe98c7fa5be2b9c3758b93ce9f3480f2ce5420614ba3461fc449fed07",
    ("1", "0.15.2"): "a0148b7874923875c277ef52216f0d7154ca6d1b3efb585d7e4db973b77519d5",
    ("3", "0.15.2"): "d40b4a3dc8cbc2eba9aea2c13e9545ec9caa8acfdd6cadf4dac896ab4b2789c6",
    ("2", "0.15.2"): "d7c2ea8df4189dd2497db575e44645a09811877af673027e1d69bd1fe40caac3",
}


@pytest.mark.tool("pdfdetach")
def test_the_statement_and_the_version_are_attached(
    read: Callable[..., str], tmp_path: Path
) -> None:
    """Both attachments are the very bytes that were given."""
    listed = read(pdf_of(), "pdfdetach", "-list", "PDF").splitlines()
    assert sorted(line.split(": ")[-1] for line in listed) == [
        "2 embedded files",
        "2.md",
        "declaration.json",
    ]
    read(pdf_of(), "pdfdetach", "-saveall", "PDF")
    assert (tmp_path / "declaration.json").read_bytes() == to_json(EXAMPLE)
    assert (tmp_path / "2.md").read_bytes() == SOURCE


@pytest.mark.tool("pdffonts")
def test_every_font_is_embedded(read: Callable[..., str]) -> None:
    """Nothing depends on the fonts of the machine that shows it."""
    pdf = pdf_of(parent_name="王 محمد अ 👨‍👩‍👧 ไทย")
    listed = read(pdf, "pdffonts", "PDF").splitlines()[2:]
    assert len(listed) >= 7
    for line in listed:
        # … emb sub uni object ID
        assert line.split()[-5:-2] == ["yes", "yes", "yes"], line


@pytest.mark.tool("qpdf")
def test_the_file_is_sound(read: Callable[..., str]) -> None:
    """An independent reader finds nothing to complain of."""
    assert "No syntax or stream encoding errors" in read(
        pdf_of(), "qpdf", "--check", "PDF"
    )


@pytest.mark.tool("pdfinfo")
def test_the_file_says_what_it_is(read: Callable[..., str]) -> None:
    """It is tagged, titled, dated as confirmed, and claims both standards."""
    pdf = pdf_of()
    printed = read(pdf, "pdfinfo", "-isodates", "PDF")
    told = {
        key: value.strip()
        for key, _, value in (line.partition(":") for line in printed.splitlines())
    }
    assert told["Title"] == (
        "Parental Declaration D-7K3M-9QXF-2B4T: "
        "Social Media Code of Conduct for Parents and Carers"
    )
    assert told["Author"] == "My Online Schooling"
    assert told["Keywords"] == (
        f"D-7K3M-9QXF-2B4T, template {TEMPLATE_VERSION}, typst-py {typst_version()}"
    )
    assert told["CreationDate"] == told["ModDate"] == "2022-09-02T18:10:11Z"
    assert told["Tagged"] == "yes"
    assert told["Page size"].endswith("(A4)")
    metadata = read(pdf, "pdfinfo", "-meta", "PDF")
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


def test_readers_are_told_language_order_and_title(tmp_path: Path) -> None:
    """Screen readers get English, the order of the tags and the title of the file."""
    path = tmp_path / "declaration.pdf"
    path.write_bytes(pdf_of())
    with path.open("rb") as file:
        reader = PdfFileReader(file)
        root = reader.root
        assert root["/Lang"] == "en-GB"
        assert root["/MarkInfo"]["/Marked"]
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        pages = [page.get_object() for page in root["/Pages"]["/Kids"]]
        assert [page["/Tabs"] for page in pages] == ["/S"] * 3


def in_a_process_of_its_own(statement_json: bytes) -> bytes:
    """The PDF of a statement, from a process that was never forked."""
    return ask_subprocess(
        DECLARATION,
        statement_json=statement_json,
        policy_blocks=BLOCKS,
        policy_source=SOURCE,
        policy_filename="2.md",
    )


def test_the_same_statement_gives_the_same_bytes() -> None:
    """Other parents in between change nothing, nor does a process of its own."""
    first = pdf_of()
    assert pdf_of(parent_name="Somebody Else", typed_name="ᚠ") != first
    assert pdf_of() == first
    assert in_a_process_of_its_own(to_json(EXAMPLE)) == first


def test_the_template_has_a_version_of_its_own() -> None:
    """Other bytes for the same statement need another version of the template."""
    made_with = (TEMPLATE_VERSION, typst_version())
    assert hashlib.sha256(pdf_of()).hexdigest() == KNOWN_PDF.get(made_with)


def test_threads_do_not_mix_parents_up() -> None:
    """Many at once get what each would get alone."""
    names = [f"Parent {number}" for number in range(8)]
    alone = [pdf_of(parent_name=name) for name in names]
    start = threading.Barrier(len(names))

    def at_once(name: str) -> bytes:
        start.wait()
        return pdf_of(parent_name=name)

    with ThreadPoolExecutor(len(names)) as pool:
        assert list(pool.map(at_once, names)) == alone


FORKING = """
import os, pathlib, signal, sys
from signer.declaration.pdf import declaration_pdf, typst_compiler
arguments = {arguments!r}
first = declaration_pdf.typeset(*arguments)
typst_compiler._lock.acquire()  # as if another thread were typesetting
child = os.fork()
if not child:
    signal.alarm(60)
    os._exit(0 if declaration_pdf.typeset(*arguments) == first else 1)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
typst_compiler._lock.release()
assert declaration_pdf.typeset(*arguments) == first
sys.exit(status)
"""

REFUSING = """
import os, signal, sys
from signer.declaration.pdf import declaration_pdf, typst_compiler
from signer.errors import TypesetError
declaration_pdf.typeset(*{arguments!r})
child = os.fork()
if not child:
    signal.alarm(60)
    try:
        typst_compiler.compile_pdf("year", lambda spelling: {{}}, 0)
    except TypesetError:
        os._exit(0)
    os._exit(1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

CLEANING = """
import pathlib, sys
from signer.declaration.pdf import declaration_pdf
temporary = pathlib.Path({temporary!r})
arguments = {arguments!r}
first = declaration_pdf.typeset(*arguments)
folder, = temporary.iterdir()
assert folder.stat().st_mode & 0o077 == 0
for path in [*folder.rglob("*.*")]:
    assert b"Brien" not in path.read_bytes(), path
    path.unlink()
assert declaration_pdf.typeset(*arguments) == first
for path in [*folder.rglob("*.*")]:
    path.unlink()
for inner in folder.iterdir():
    inner.rmdir()
folder.rmdir()
assert declaration_pdf.typeset(*arguments) == first
"""


def run_script(script: str, **environment: str) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        check=True,
        timeout=120,
        env=os.environ | environment,
    )


ARGUMENTS = (to_json(EXAMPLE), BLOCKS, SOURCE, "2.md")


def test_a_forked_process_can_typeset() -> None:
    """Forked after its parent had typeset, while a thread held the lock: it works."""
    run_script(FORKING.format(arguments=ARGUMENTS))


def test_what_cannot_be_set_elsewhere_is_refused_and_does_not_hang() -> None:
    """A page of the desk that waits without end would hold a thread for good."""
    run_script(REFUSING.format(arguments=ARGUMENTS))


def test_no_name_stays_on_the_disk(tmp_path: Path) -> None:
    """What is written on the way is gone after it, and the folder after the process.

    A cleaner of temporary files that takes all of it away does no harm.
    """
    script = CLEANING.format(arguments=ARGUMENTS, temporary=str(tmp_path))
    run_script(script, TMPDIR=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_version_typeset_is_the_version_declared() -> None:
    """A file with another digest than the statement's is not attached to it."""
    with pytest.raises(TypesetError, match=EXAMPLE.policy_sha256):
        typeset(to_json(EXAMPLE), BLOCKS, SOURCE + b"\n", "2.md")


def test_only_a_statement_is_typeset() -> None:
    """Anything else is refused before Typst sees it."""
    with pytest.raises(StatementError):
        typeset(b"{}", BLOCKS, SOURCE, "2.md")


@pytest.mark.parametrize(
    "filename", ["", "../2.md", "a/2.md", "declaration.json", ".md", "2.md\n", "é.md"]
)
def test_an_attachment_has_a_plain_name(filename: str) -> None:
    """A name that leads elsewhere, or is the statement's, is refused."""
    with pytest.raises(TypesetError):
        typeset(to_json(EXAMPLE), BLOCKS, SOURCE, filename)


def test_a_kind_of_block_that_is_unknown_is_refused() -> None:
    """Nothing of the policy is left out in silence."""
    with pytest.raises(TypesetError, match="does not know: picture"):
        typeset(to_json(EXAMPLE), [{"kind": "picture"}], SOURCE, "2.md")


def test_a_fresh_process_tells_why_it_failed() -> None:
    """The reason comes back from the process that was asked."""
    with pytest.raises(TypesetError, match="StatementError"):
        in_a_process_of_its_own(b"{}")


def test_the_faces_come_from_the_package_alone() -> None:
    """Each face is there, and none is the machine's own or Typst's."""
    fonts = load_fonts()
    assert set(fonts.families()) == set(FACES)
    for font in fonts.fonts():
        assert Path(str(font.path)).is_relative_to(Path(signer.__file__).parent)
