"""The words that `signer verify` has for each result."""

from __future__ import annotations

import ast
import inspect
from collections import Counter

from signer.cli.commands.verify import output
from signer.declaration.verify import Result


def test_each_result_has_one_wording() -> None:
    """A second one under the same key would silently take the place of the first."""
    tables = [
        [ast.unparse(key) for key in one.keys if key is not None]
        for one in ast.walk(ast.parse(inspect.getsource(output)))
        if isinstance(one, ast.Dict)
    ]
    assert [key for keys in tables for key, n in Counter(keys).items() if n > 1] == []
    wanted = {f"Result.{one.name}" for one in Result}
    assert sum(set(keys) == wanted for keys in tables) == 2
