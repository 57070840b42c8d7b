"""What most commands need: the house of the settings, closed again afterwards."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from signer.config import load
from signer.workflows.house import open_house

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signer.workflows.house import House


@contextmanager
def house_at_hand() -> Iterator[House]:
    """The house, for as long as a command needs it.

    Raises:
        SignerError: whatever keeps it from being opened.
    """
    house = open_house(load())
    with closing(house.sessions):
        yield house
