"""Errors between processes."""

from __future__ import annotations

import pickle

import pytest

from signer.errors import (
    DraftUnchanged,
    LogBroken,
    ParentUnknown,
    SignerError,
    VersionFileError,
)


@pytest.mark.parametrize(
    "error",
    [
        DraftUnchanged(2),
        LogBroken("It is shorter.", size=5),
        ParentUnknown(),
        VersionFileError("versions/{2}.md", "holds nothing", 3),
    ],
    ids=lambda error: type(error).__name__,
)
def test_pickled(error: SignerError) -> None:
    """An error comes out of another process with its message and its evidence."""
    actual = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here

    assert (type(actual), actual.args, vars(actual)) == (
        type(error),
        error.args,
        vars(error),
    )
