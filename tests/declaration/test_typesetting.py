"""The PDF: read again by independent programs."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.declaration.elsewhere import typeset_elsewhere
from signer.declaration.fonts import FACES, load_fonts
from signer.declaration.statement import Child, Statement, statement_sha256, to_json
from signer.declaration.typesetting import (
    TEMPLATE_VERSION,
    typeset,
    typst_version,
)
from signer.errors import StatementError, TextRefused, TypesetError
from signer.policy.blocks import blocks
from signer.policy.rendering import to_html
from signer.policy.versions import read_version
from signer.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

VERSIONS = Path(__file__).parents[2] / "versions"

# Every kind of block that a policy may hold, nested, with text that would be markup.
BLOCKS: list[dict[str, Any]] = [
    {"kind": "heading", "level": 2, "spans": [{"text": "Purpose #panic()"}]},
    {
        "kind": "paragraph",
        "spans": [
            {"text": "Parents "},
            {"text": "must not", "strong": True},
            {"text": " post "},
            {"text": "anything *x* <b> $y$", "emphasis": True},
            {"text": " read at ", "strong": True, "emphasis": True},
            {"text": "the school's site", "href": "https://school.example/a?b=c#d"},
            {"text": "."},
        ],
    },
    {"kind": "heading", "level": 4, "spans": [{"text": "A level was left out"}]},
    {
        "kind": "list",
        "ordered": False,
        "items": [
            [{"kind": "paragraph", "spans": [{"text": "First of the outer"}]}],
            [
                {"kind": "paragraph", "spans": [{"text": "Second of the outer"}]},
                {
                    "kind": "list",
                    "ordered": True,
                    "start": 3,
                    "items": [
                        [{"kind": "paragraph", "spans": [{"text": "Inner three"}]}],
                        [{"kind": "paragraph", "spans": [{"text": "Inner four"}]}],
                    ],
                },
            ],
        ],
    },
    {
        "kind": "quote",
        "blocks": [{"kind": "paragraph", "spans": [{"text": "Said elsewhere."}]}],
    },
    {
        "kind": "table",
        "header": [[{"text": "Platform"}], [{"text": "From"}]],
        "rows": [
            [[{"text": "WhatsApp"}], [{"text": "16 years", "strong": True}]],
            [[{"text": "Ragged row"}]],
        ],
    },
]
SOURCE = b"---\nversion: 2\n---\n\n## Purpose\n"

EXAMPLE = Statement(
    declaration_id="D-7K3M-9QXF-2B4T",
    school="My Online Schooling",
    policy_title="Social Media Code of Conduct for Parents and Carers",
    policy_version=2,
    policy_label="August 2022",
    policy_sha256=hashlib.sha256(SOURCE).hexdigest(),
    policy_address="https://policy.example/versions/2/",
    parent_name="Siân O'Brien",
    parent_email="sian@example.org",
    typed_name="Sian O'Brien",
    capacity="parent",
    children=(
        Child(name="Ioan O'Brien", year_group="Year 8"),
        Child(name="Mared O'Brien", year_group="Year 4"),
    ),
    statements=("I have read it.", "I agree to follow it."),
    invited_at=datetime(2022, 3, 1, 8, 0, 0, tzinfo=UTC),
    opened_at=datetime(2022, 9, 2, 18, 0, 0, tzinfo=UTC),
    confirmed_at=datetime(2022, 9, 2, 18, 10, 11, tzinfo=UTC),
    reached_by="emailed link",
    replaces="D-0000-0000-0000",
    template="1",
    typst="0.15.2",
)

# Whoever changes what is printed gives the template a new version: a PDF sealed
# before can then be told from one that was altered.
KNOWN_PDF = {
    ("1", "0.15.2"): "a0148b7874923875c277ef52216f0d7154ca6d1b3efb585d7e4db973b77519d5",
}


def pdf_of(**changes: Any) -> bytes:
    return typeset(to_json(replace(EXAMPLE, **changes)), BLOCKS, SOURCE, "2.md")


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., str]:
    """Runs an independent program on a PDF and gives what it prints."""
    path = tmp_path / "declaration.pdf"

    def run(pdf: bytes, *command: str) -> str:
        path.write_bytes(pdf)
        words = [str(path) if word == "PDF" else word for word in command]
        done = subprocess.run(words, capture_output=True, check=True, cwd=tmp_path)
        # pdftotext marks the direction of what it writes.
        return re.sub("[\u202a-\u202e]", "", done.stdout.decode())

    return run


def squeezed(text: str) -> str:
    """Without white space: where lines break is not what is asked."""
    return "".join(text.split())


@pytest.mark.tool("pdftotext")
def test_every_part_of_a_statement_is_printed(read: Callable[..., str]) -> None:
    """Whatever is hashed can be read on the pages, times to the second."""
    text = read(pdf_of(), "pdftotext", "-layout", "PDF", "-")
    raw = to_json(EXAMPLE)
    for words in [
        EXAMPLE.declaration_id,
        "D-0000-0000-0000",
        EXAMPLE.school,
        "Respect, Empower, Thrive",
        EXAMPLE.policy_title,
        "Version 2, August 2022",
        EXAMPLE.policy_sha256,
        EXAMPLE.policy_address,
        statement_sha256(raw),
        EXAMPLE.parent_name,
        EXAMPLE.parent_email,
        EXAMPLE.typed_name,
        EXAMPLE.capacity,
        EXAMPLE.reached_by,
        *EXAMPLE.statements,
        *(child.name for child in EXAMPLE.children),
        *(child.year_group for child in EXAMPLE.children),
        "1 March 2022, 08:00:00 GMT",
        "2022-03-01T08:00:00Z",
        "2 September 2022, 19:00:00 BST",
        "2022-09-02T18:00:00Z",
        "2 September 2022, 19:10:11 BST",
        "2022-09-02T18:10:11Z",
        "simple electronic signature",
    ]:
        assert words in text
    assert text.count("✔") == len(EXAMPLE.statements)


@pytest.mark.tool("pdftotext")
def test_every_page_says_what_it_belongs_to(read: Callable[..., str]) -> None:
    """Reference, version, page number and number of pages stand below each page."""
    pages = read(pdf_of(), "pdftotext", "-layout", "PDF", "-").split("\f")[:-1]
    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert "D-7K3M-9QXF-2B4T" in page
        assert "Version 2, August 2022" in page
        assert f"Page {number} of 3" in page


@pytest.mark.tool("pdftotext")
def test_every_kind_of_block_is_printed(read: Callable[..., str]) -> None:
    """Headings, emphasis, links, nested lists, quotes and tables lose no word."""
    text = " ".join(read(pdf_of(), "pdftotext", "PDF", "-").split())
    for words in [
        "Purpose #panic()",
        "Parents must not post anything *x* <b> $y$ read at the school's site.",
        "A level was left out",
        "First of the outer",
        "3. Inner three",
        "4. Inner four",
        "Said elsewhere.",
        "Platform",
        "16 years",
        "Ragged row",
    ]:
        assert words in text


@pytest.mark.tool("pdftotext")
def test_every_sentence_of_the_released_policy_is_printed(
    read: Callable[..., str],
) -> None:
    """The words of each block of version 2 stand in the PDF, in their order."""
    version = read_version(VERSIONS / "2.md")
    tree = blocks(to_html(version.body))
    raw = to_json(
        replace(EXAMPLE, policy_sha256=version.sha256, statements=version.declaration)
    )
    pdf = typeset(raw, tree, version.source, version.filename)
    pages = read(pdf, "pdftotext", "-layout", "PDF", "-").split("\f")
    without_footers = " ".join(
        re.sub(r"\n *D-7K3M.*Page \d+ of \d+\s*$", "", page) for page in pages[2:]
    )
    text = squeezed(without_footers.replace("•", ""))
    place = 0
    for words in texts_of(tree):
        place = text.index(squeezed(words), place)


def texts_of(value: object) -> list[str]:
    if isinstance(value, list):
        if value and all(isinstance(item, dict) and "text" in item for item in value):
            return ["".join(span["text"] for span in value)]
        return [text for item in value for text in texts_of(item)]
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts_of(item)]
    return []


NAMES = {
    "an apostrophe": "O'Brien",
    "one character": "Ø",
    "Chinese": "王小明",
    "Japanese": "山田 太郎",
    "Korean": "김민준",
    "Devanagari": "अनिल कुमार",
    "Hebrew": "שלום כהן",
    "Thai": "สมชาย ใจดี",
    "Cyrillic": "Олександр Шевченко",
    "Greek": "Ελένη Παπαδοπούλου",
    "Tamil": "தமிழ்",
    "an emoji family": "Ana 👨‍👩‍👧",
    "200 characters": "W" * 200,
    "200 characters in words": ("Wolfeschlegelstein " * 11)[:200].strip(),
    "a call": "#panic()",
    "markup": "*x* _y_ <b> $z$ `c` @r = - + / // /* */ \\ [ ] { } ~ -- ... ' \"",
    "code": '#{ read("statement.json") } "); panic(',
    "HTML": "<script>alert(1)</script> &amp; &#x41;",
    "JSON": '", "text": "x',
}


@pytest.mark.tool("pdftotext")
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_prints_as_itself(read: Callable[..., str], name: str) -> None:
    """A name of any script prints, and no name is read as markup."""
    pdf = pdf_of(parent_name=name, typed_name=name, children=(), replaces=None)
    text = squeezed(read(pdf, "pdftotext", "-l", "2", "PDF", "-"))
    assert text.count(squeezed(name)) == 4
    assert "U+" not in text


@pytest.mark.tool("pdftotext")
@pytest.mark.parametrize("name", ["محمد", "محمد (Mo) سلام", "فاطمه", "שרה (Sara)"])
def test_a_name_from_the_right_prints_all_its_letters(
    read: Callable[..., str], name: str
) -> None:
    """Arabic and Hebrew letters all print, none of them spelt out.

    In which order is looked at on the pages: programs that extract text differ.
    """
    text = read(pdf_of(parent_name=name, typed_name=name), "pdftotext", "PDF", "-")
    assert "U+" not in text
    assert set(unicodedata.normalize("NFKC", text)) >= set(name)


@pytest.mark.tool("pdftotext")
def test_a_character_that_no_face_has_is_spelt_out(read: Callable[..., str]) -> None:
    """There is a PDF even so; it says what was done, and the exact name is attached."""
    pdf = pdf_of(parent_name="ᚠreya Smith", typed_name="Freya Smith 𒀀")
    text = " ".join(read(pdf, "pdftotext", "PDF", "-").split())
    assert "[U+16A0]reya Smith" in text
    assert "Freya Smith [U+12000]" in text
    assert "a code such as [U+16A0], it stands for a character" in text
    assert "a code such as" not in read(pdf_of(), "pdftotext", "PDF", "-")


@pytest.mark.tool("pdftotext")
def test_a_policy_with_such_a_character_is_typeset_too(
    read: Callable[..., str],
) -> None:
    """The last resort covers the policy's text as well."""
    tree = [{"kind": "paragraph", "spans": [{"text": "The rune ᚠ and a bell \x07"}]}]
    pdf = typeset(to_json(EXAMPLE), tree, SOURCE, "2.md")
    text = " ".join(read(pdf, "pdftotext", "PDF", "-").split())
    assert "The rune [U+16A0] and a bell [U+0007]" in text


def accepted(text: str) -> str | None:
    try:
        return one_line("name", text)
    except TextRefused:
        return None


@settings(max_examples=40, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1)
    .map(accepted)
    .filter(lambda name: name is not None)
)
def test_every_name_that_is_let_in_gives_a_pdf(name: str) -> None:
    """Whatever may be typed on the page can be typeset."""
    assert pdf_of(parent_name=name, typed_name=name).startswith(b"%PDF-1.7")


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
    told = read(pdf, "pdfinfo", "-isodates", "PDF")
    told = {
        key: value.strip()
        for key, _, value in (line.partition(":") for line in told.splitlines())
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


def test_the_same_statement_gives_the_same_bytes() -> None:
    """Other parents in between change nothing, nor does a process of its own."""
    first = pdf_of()
    assert pdf_of(parent_name="Somebody Else", typed_name="ᚠ") != first
    assert pdf_of() == first
    assert typeset_elsewhere(to_json(EXAMPLE), BLOCKS, SOURCE, "2.md") == first


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
from signer.declaration import typesetting
arguments = {arguments!r}
first = typesetting.typeset(*arguments)
typesetting._lock.acquire()  # as if another thread were typesetting
child = os.fork()
if not child:
    signal.alarm(60)
    os._exit(0 if typesetting.typeset(*arguments) == first else 1)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
typesetting._lock.release()
assert typesetting.typeset(*arguments) == first
sys.exit(status)
"""

CLEANING = """
import pathlib, sys
from signer.declaration import typesetting
temporary = pathlib.Path({temporary!r})
arguments = {arguments!r}
first = typesetting.typeset(*arguments)
folder, = temporary.iterdir()
assert folder.stat().st_mode & 0o077 == 0
for path in folder.iterdir():
    assert b"Brien" not in path.read_bytes(), path
    path.unlink()
assert typesetting.typeset(*arguments) == first
for path in folder.iterdir():
    path.unlink()
folder.rmdir()
assert typesetting.typeset(*arguments) == first
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
        typeset_elsewhere(b"{}", BLOCKS, SOURCE, "2.md")


def test_the_faces_come_from_packages_alone() -> None:
    """Each face is there, and none is the machine's own or Typst's."""
    fonts = load_fonts()
    assert set(fonts.families()) == set(FACES)
    for font in fonts.fonts():
        assert "site-packages" in str(font.path)
