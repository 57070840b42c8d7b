"""Who may import what: a room reaches only the floors below its own."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGE = Path(__file__).parents[2] / "signer"
TESTS = PACKAGE.with_name("tests")

FLOORS = {
    8: {"__main__"},
    7: {"cli"},
    6: {"web", "worker"},
    5: {"workflows", "worker_queue"},
    4: {"store", "audit", "site"},
    3: {"policy"},
    2: {"conversion", "declaration", "redline"},
    1: {"ledger", "mail", "markdown", "pki", "register", "server"},
    0: {
        "config",
        "clock",
        "correlation",
        "domain_names",
        "errors",
        "files",
        "http",
        "i18n",
        "link_tokens",
        "logs",
        "look_alikes",
        "school_calendar",
        "user_text",
    },
}
FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms}

# What a folder and a file hold at most, so that one look takes it in.
FILES = 15
LINES = 400

PURE = {"clock", "config", "errors", "markdown", "policy", "redline"}
"""What the site may rest on: nothing of it knows the records."""

IN_A_BLOCK = 4
"""How far an import is indented that stands below `if TYPE_CHECKING`."""

# Libraries that a room must be able to live without.
FORBIDDEN = {
    "markdown": {"sqlalchemy", "flask", "pyhanko", "typst"},
    "redline": {"sqlalchemy", "flask", "pyhanko", "typst"},
    "conversion": {"sqlalchemy", "flask", "pyhanko", "typst"},
    "policy": {"sqlalchemy", "flask", "pyhanko", "typst"},
    "pki": {"sqlalchemy", "flask"},
    "declaration": {"sqlalchemy", "flask"},
    "ledger": {"sqlalchemy", "flask", "pyhanko"},
    "register": {"sqlalchemy", "flask", "click"},
    "mail": {"sqlalchemy", "flask", "click"},
    "server": {"sqlalchemy", "flask", "click"},
    "workflows": {"flask", "werkzeug", "click"},
    "site": {"sqlalchemy", "flask", "pyhanko", "typst"},
}


def modules() -> list[Path]:
    return sorted(
        path
        for path in PACKAGE.rglob("*.py")
        if path.parent != PACKAGE or path.stem != "__init__"
    )


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """The modules that a file imports, those for types alone included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "signer":
            found |= {f"signer.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the room"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_from_floors_below_it(path: Path) -> None:
    """A module imports its own room, or rooms of lower floors."""
    room = room_of(path)
    floor = FLOOR_OF[room]
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "signer" and len(parts) > 1 and parts[1] != room:
            # The ground floor rests on clock, calendar, domains, errors, logs, letters.
            rests_on = {
                *("clock", "correlation", "domain_names", "errors", "logs"),
                *("look_alikes", "school_calendar"),
            }
            below = FLOOR_OF[parts[1]] < floor or parts[1] in rests_on
            assert below, f"{room} imports {name}"
            if room == "site":
                assert parts[1] in PURE
        assert parts[0] not in FORBIDDEN.get(room, set()), f"{room} imports {name}"


def test_every_module_stands_in_a_known_room() -> None:
    """A new room is drawn in the table before it is built."""
    assert {room_of(path) for path in modules()} <= set(FLOOR_OF)


def test_only_workflows_commit() -> None:
    """Nobody but a workflow opens a transaction that writes."""
    offenders = [
        str(path.relative_to(PACKAGE))
        for path in modules()
        if room_of(path) not in {"workflows", "store"}
        and re.search(r"\.writing\(|session\.commit\(", path.read_text())
    ]
    assert offenders == []


def test_the_page_draws_the_same_floors() -> None:
    """ARCHITECTURE.md has the table of this test, floor by floor."""
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| (`.*`) \|$", text, re.MULTILINE)
    drawn = {int(floor): set(re.findall(r"`(\w+)`", rooms)) for floor, rooms in rows}
    assert drawn == FLOORS


def test_the_page_names_files_that_are_there() -> None:
    """Whoever looks for the session cookie finds it where ARCHITECTURE.md says."""
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\w+/)+\w+\.\w+)`", text))
    beginnings = [PACKAGE, PACKAGE.parent, PACKAGE / "workflows"]
    lost = {
        one for one in named if not any((root / one).exists() for root in beginnings)
    }
    assert lost == set()


@pytest.mark.parametrize(
    "folder",
    sorted({p.parent for top in (PACKAGE, TESTS) for p in top.rglob("*.py")}),
    ids=lambda path: str(path.relative_to(PACKAGE.parent)),
)
def test_no_folder_and_no_file_is_crowded(folder: Path) -> None:
    """Fifteen files, and four hundred lines each, are the most; past that it is two."""
    files = [path for path in folder.iterdir() if path.is_file()]
    assert len(files) <= FILES
    long = [p.name for p in files if len(p.read_bytes().splitlines()) > LINES]
    assert [name for name in long if name.endswith(".py")] == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Neither when it runs nor for its types."""
    paths = {
        ".".join(("signer", *path.relative_to(PACKAGE).with_suffix("").parts)): path
        for path in modules()
    }
    paths = {name.removesuffix(".__init__"): path for name, path in paths.items()}
    graph = {
        name: {module_of(one, paths) for one in needed(path)} - {name, ""}
        for name, path in paths.items()
    }
    TopologicalSorter(graph).prepare()


def needed(path: Path) -> set[str]:
    """The modules that a file imports at its top, or a name from."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import) and node.col_offset <= IN_A_BLOCK:
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.col_offset <= IN_A_BLOCK:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def module_of(name: str, paths: Mapping[str, Path]) -> str:
    """The module that a name is, or stands in; empty for one that is not ours."""
    beside = name.rpartition(".")[0]
    return name if name in paths else beside if beside in paths else ""
