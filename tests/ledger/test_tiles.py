"""Tiles: their addresses, what a tree has of them, and bundles of entries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.ledger.tiles import Tile, bundle, parse_path, tiles_of, unbundle


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "0/000"),
        (Tile(0, 999), "0/999"),
        (Tile(0, 1000), "0/x001/000"),
        (Tile(1, 1234067), "1/x001/x234/067"),
        (Tile(0, 273, 112), "0/273.p/112"),
        (Tile(None, 5, 1), "entries/005.p/1"),
    ],
)
def test_addresses_are_those_of_the_specification(tile: Tile, path: str) -> None:
    """Three digits a part, an x before all but the last."""
    assert tile.path == path
    assert parse_path(path) == tile


@given(
    st.builds(
        Tile,
        st.none() | st.integers(0, 63),
        st.integers(0, 10**15),
        st.integers(1, 256),
    )
)
def test_an_address_leads_back_to_its_tile(tile: Tile) -> None:
    """Reading is the inverse of writing."""
    assert parse_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/0",
        "0/0000",
        "00/000",
        "64/000",
        "0/x000/001",
        "0/001/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/000/",
        "entries/x1/000",
        "../000",
        "0/" + "\N{ARABIC-INDIC DIGIT ZERO}" * 3,
    ],
)
def test_what_is_no_address_is_none(path: str) -> None:
    """One tile has one address, and nothing else is one."""
    assert parse_path(path) is None


@given(st.text())
def test_no_text_breaks_the_reader(path: str) -> None:
    """Whatever stands in the address, the answer is a tile or none."""
    tile = parse_path(path)
    assert tile is None or tile.path == path


def test_a_tree_of_70000_has_the_tiles_of_the_specification() -> None:
    """273 full and one of 112; one full and one of 17; and one of 1."""
    found = [tile for tile in tiles_of(70_000) if tile.level is not None]
    assert [(tile.level, tile.width) for tile in found if tile.width < 256] == [
        (0, 112),
        (1, 17),
        (2, 1),
    ]
    assert [tile.level for tile in found].count(0) == 274
    assert [tile.level for tile in found].count(1) == 2


def test_a_tree_of_256_has_a_full_tile_and_one_of_one() -> None:
    """A full tile is a hash of the level above at once."""
    found = [tile.path for tile in tiles_of(256)]
    assert found == ["0/000", "entries/000", "1/000.p/1"]


@given(st.integers(0, 200_000), st.integers(0, 3), st.integers(0, 800))
def test_a_tree_has_the_tiles_that_are_within_it(
    size: int, level: int, index: int
) -> None:
    """The list and the question agree, for full tiles and for partial ones."""
    listed = {(tile.level, tile.index): tile.width for tile in tiles_of(size)}
    width = listed.get((level, index), 0)
    assert Tile(level, index, width).is_within(size) or not width
    assert not Tile(level, index, width + 1).is_within(size) or width == 256


@given(st.lists(st.binary(max_size=100), max_size=256))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    """Lengths keep them apart."""
    assert unbundle(bundle(entries)) == entries


@pytest.mark.parametrize("raw", [b"\x00", b"\x00\x02a", b"\xff\xff"])
def test_a_bundle_that_was_cut_off_is_refused(raw: bytes) -> None:
    """No entry is read in part."""
    with pytest.raises(ValueError, match="middle"):
        unbundle(raw)


def test_an_entry_too_long_for_its_length_is_refused() -> None:
    """Two bytes hold no more."""
    with pytest.raises(ValueError, match="too long"):
        bundle([bytes(65_536)])
