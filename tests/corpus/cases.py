"""The whole corpus: every room's cases, in the order in which they are told."""

from __future__ import annotations

from tests.corpus.kinds import (
    archived,
    bombs,
    contents,
    flips,
    genuine,
    hidden_words,
    insiders,
    ranges,
    shadows,
    signers,
    spoilt,
    structure,
    times,
    untrue,
    updates,
)

ROOMS = (
    genuine,
    flips,
    updates,
    ranges,
    signers,
    spoilt,
    times,
    contents,
    shadows,
    insiders,
    untrue,
    hidden_words,
    archived,
    structure,
    bombs,
)
CASES = tuple(case for room in ROOMS for case in room.case.cases)
