"""One file of the corpus: what was done, and the answer it must get."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from signer.declaration.verify import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.corpus.bench import Bench

    Make = Callable[[Bench], bytes]
    Given = Callable[[Bench], dict[str, Any]]

GENUINE = Result.GENUINE
UNKNOWN = Result.UNKNOWN_SIGNER
REFUSED = Result.NOT_GENUINE
SEALED_TEXT = Result.SEALED_TEXT
OPEN = Result.CANNOT_TELL


def _nothing(_bench: Bench) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Case:
    """One file of the corpus.

    Attributes:
        name: the file's, without its ending.
        done: what was done to make it, in one sentence.
        answer: the answer that it must get.
        step: the first check that must say no, or leave the answer open; None where
            none does.
        make: gives the file.
        given: what the verification is given beside what it is always given.
        after: how long after the seal it is checked.
        heavy: whether it is made to use up time or memory.
        deep: whether the pages are typeset again.
    """

    name: str
    done: str
    answer: Result
    step: str | None
    make: Make = field(repr=False)
    given: Given = field(default=_nothing, repr=False)
    after: timedelta = timedelta()
    heavy: bool = False
    deep: bool = False

    @property
    def file(self) -> str:
        """Its file's name."""
        return f"{self.name}.pdf"


class Room:
    """The cases of one kind, in the order in which they are told."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def __call__(
        self,
        done: str,
        answer: Result,
        step: str | None = None,
        **more: Any,
    ) -> Callable[[Make], Make]:
        """Enter what a function makes, under the function's name."""

        def enter(make: Make) -> Make:
            name = make.__name__.replace("_", "-")
            self.add(name, done, answer, step, make, **more)
            return make

        return enter

    def add(
        self,
        name: str,
        done: str,
        answer: Result,
        step: str | None,
        make: Make,
        **more: Any,
    ) -> None:
        """Enter one case."""
        self.cases.append(Case(name, done, answer, step, make, **more))
