"""The compiler: what is written for it, where, and how much it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from signer import files
from signer.declaration.pdf import typst_compiler
from signer.declaration.pdf.declaration_pdf import typeset
from signer.declaration.statement import to_json
from signer.errors import TypesetError
from tests.declaration.typeset_example import BLOCKS, EXAMPLE, SOURCE, pdf_of

if TYPE_CHECKING:
    from collections.abc import Iterator

FORGOTTEN_AFTER = 10
"""Documents after which Typst forgets what it has laid out and did not need again."""

OF_A_PARENT = ["declared.json", "statement.json"]


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A compiler of this test's own."""
    monkeypatch.setattr(typst_compiler, "_compiler", None)
    yield
    press = vars(typst_compiler)["_compiler"]
    if press is not None:
        press.close()


@pytest.fixture
def written(fresh: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are written, in order."""
    names: list[str] = []
    write = Path.write_bytes

    def noted(path: Path, content: bytes) -> int:
        names.append(path.name)
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", noted)
    return names


@pytest.fixture
def compiled(fresh: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that are compiled, in order."""
    names: list[str] = []
    press = typst_compiler._Press  # noqa: SLF001 - what is asked of Typst itself
    compile_one = press.compile

    def noted(self: Any, name: str, *more: Any, **named: Any) -> bytes:
        names.append(name)
        return compile_one(self, name, *more, **named)

    monkeypatch.setattr(press, "compile", noted)
    return names


def test_for_the_next_parent_two_files_are_written(written: list[str]) -> None:
    """Template, policy and what both parents have in common are there already."""
    pdf_of()
    assert set(written) > set(OF_A_PARENT)
    written.clear()
    pdf_of(parent_name="Somebody Else")
    assert sorted(written) == OF_A_PARENT


def test_another_policy_is_not_the_one_before(written: list[str]) -> None:
    """What stays for the next document is compared with what that one needs."""
    one, other = (
        typeset(to_json(EXAMPLE), blocks, SOURCE, "2.md")
        for blocks in (BLOCKS, BLOCKS[:-1])
    )
    assert one != other
    written.clear()
    assert typeset(to_json(EXAMPLE), BLOCKS, SOURCE, "2.md") == one
    assert sorted(written) == [OF_A_PARENT[0], "policy.json", OF_A_PARENT[1]]


def test_a_file_that_was_cut_short_is_written_again(
    written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk leaves half a file, and what is typeset after it is whole."""
    whole = pdf_of()
    cut = Path.write_bytes

    def half(path: Path, content: bytes) -> int:
        cut(path, content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", half)
        with pytest.raises(TypesetError, match="No space left"):
            typeset(to_json(EXAMPLE), BLOCKS[:-1], SOURCE, "2.md")
    assert pdf_of() == whole


def test_one_odd_character_does_not_throw_the_warm_pages_out(
    compiled: list[str],
) -> None:
    """Typst forgets pages after ten other documents, and fewer are looked at."""
    pdf_of()
    compiled.clear()
    pdf_of(parent_name="Siân ᚠᚢO'Brien", typed_name="Siân ᚠᚢO'Brien")
    assert compiled[0] == compiled[-1] == "main"
    assert 0 < compiled.count("probe") < FORGOTTEN_AFTER
    assert set(compiled[1:-1]) == {"probe"}


def test_texts_that_are_known_are_not_looked_at_again(compiled: list[str]) -> None:
    """A policy with a character that no face has costs its search once."""
    blocks = [
        {"kind": "paragraph", "spans": [{"text": f"“Quoted”, number {number}: ᚠ."}]}
        for number in range(40)
    ]
    first = typeset(to_json(EXAMPLE), blocks, SOURCE, "2.md")
    compiled.clear()
    assert typeset(to_json(EXAMPLE), blocks, SOURCE, "2.md") == first
    assert compiled == ["main", "main"]


def test_quotation_marks_are_looked_at_all_at_once(compiled: list[str]) -> None:
    """Forty texts that print take one look, beside the one that does not."""
    blocks = [
        {"kind": "paragraph", "spans": [{"text": f"“Quoted”, number {number}."}]}
        for number in range(40)
    ]
    statement = to_json(EXAMPLE).replace(b"Sian O'Brien", "ᚠ".encode())
    typeset(statement, blocks, SOURCE, "2.md")
    assert compiled.count("probe") < FORGOTTEN_AFTER


def folder_made() -> Path:
    pdf_of()
    folder = vars(typst_compiler)["_compiler"].folder
    assert isinstance(folder, Path)
    return folder


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the one in memory, and one in the place of /tmp."""
    memory, disk = tmp_path / "memory", tmp_path / "disk"
    memory.mkdir()
    disk.mkdir()
    monkeypatch.setattr(files, "_MEMORY", memory)
    monkeypatch.setattr(files, "_DISK", disk)
    monkeypatch.setattr("tempfile.tempdir", str(disk))
    return memory


def test_what_is_written_of_a_parent_stays_in_memory(fresh: None, memory: Path) -> None:
    """No disk is written to, or waited for, where the system has files in memory."""
    assert folder_made().parent == memory
    assert folder_made().stat().st_mode & 0o077 == 0


def test_a_folder_that_somebody_names_is_used(
    fresh: None, memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sets TMPDIR says where temporary files go."""
    named = tmp_path / "named"
    named.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(named))
    assert folder_made().parent == named


@pytest.mark.parametrize("how", ["missing", "small", "forbidden"])
def test_without_memory_the_disk_will_do(
    how: str, fresh: None, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system without such a folder, or with a small one, typesets all the same."""
    if how == "missing":
        memory.rmdir()
    elif how == "small":
        monkeypatch.setattr(files, "_ENOUGH_MEMORY", 2**80)
    else:
        monkeypatch.setattr("os.access", lambda *_: False)
    assert folder_made().parent == memory.with_name("disk")
