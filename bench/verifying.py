"""What checking declarations takes: many in one folder, beside `pdfsig`.

    .venv/bin/python -m bench.verifying [DECLARATIONS]

Every declaration is another parent's, typeset and sealed before anything is measured.
A further file costs what the larger folder takes more than the smaller one, divided by
the files that are more. Prints one JSON document.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from bench.table.figures import Figure
from bench.table.processes import command, program
from signer import clock
from signer.config import Settings
from signer.declaration.seal.seal import seal
from signer.pki.make_keys import SealKey, make_keys
from tests.conftest import PASSPHRASE
from tests.declaration.forgery import STATEMENT, typeset_declaration

MANY = 1_000
PARTS = 4
"""How many times smaller the smaller folder is."""

ROUNDS = 2
PDFSIG = 100
"""How many files `pdfsig` looks at."""

LIMIT_MS = 10.0


def main() -> None:
    """Measure, and print."""
    many = int(sys.argv[1]) if sys.argv[1:] else MANY
    print(json.dumps(measured(many), indent=2))


def figures(*, full: bool = False) -> list[Figure]:
    """The whole folder on the clock, and a further file beside `pdfsig`."""
    many = MANY * (5 if full else 1)
    found = measured(many)
    further, peer = found["further_ms"], found.get("pdfsig_ms")
    small, large = many // PARTS, many
    return [
        Figure(f"Checking {many:,} declarations", found["seconds"], "s"),
        Figure(
            "Verify, further file in bulk, processor",
            further,
            "ms",
            LIMIT_MS,
            further / peer if peer else None,
            "pdfsig",
        ),
        Figure(
            f"Verify, {many:,} files, processor",
            found["large_s"],
            "s",
            sizes=((small, found["small_s"]), (large, found["large_s"])),
            of="the files",
        ),
    ]


def measured(many: int) -> dict[str, float]:
    """Seconds and milliseconds of checking so many declarations."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        keys = make_keys(
            root / "keys",
            school="My Online Schooling",
            passphrase=PASSPHRASE,
            at=clock.now(),
        )
        small, large = root / "small", root / "large"
        for one in (small, large):
            one.mkdir()
        _make(large, keys.seal_key, many)
        for path in sorted(large.iterdir())[: many // PARTS]:
            shutil.copy(path, small)
        settings = Settings(
            instance=root / "nothing",
            secret_keys=("a secret of the benchmark and of no use anywhere else",),
        )
        words = ("verify", "--trust", str(keys.authority_certificate))
        rounds = [
            [command(settings, *words, str(one)) for one in (small, large)]
            for _ in range(ROUNDS)
        ]
        little, much = (
            min(cost.processor for cost in one) for one in zip(*rounds, strict=True)
        )
        found = {
            "files": many,
            "seconds": min(one[-1].seconds for one in rounds),
            "small_s": little,
            "large_s": much,
            "further_ms": 1000 * (much - little) / (many - many // PARTS),
        }
        if shutil.which("pdfsig"):
            files = sorted(large.iterdir())[:PDFSIG]
            costs = [
                program(["pdfsig", "-nocert", str(path)]).processor for path in files
            ]
            found["pdfsig_ms"] = 1000 * sorted(costs)[len(costs) // 2]
        return found


def _make(folder: Path, key: Path, many: int) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=spawn) as pool:
        for _ in pool.map(
            _sealed, [folder] * many, [key] * many, range(many), chunksize=20
        ):
            pass


def _sealed(folder: Path, key: Path, number: int) -> None:
    statement = replace(
        STATEMENT,
        declaration_id=f"D-{number:04}-0000-0000",
        parent_name=f"Amira Khan the {number}th",
        typed_name=f"Amira Khan the {number}th",
    )
    sealed = seal(typeset_declaration(statement), _key(key), at=clock.now())
    (folder / f"{number}.pdf").write_bytes(sealed.pdf)


@lru_cache(maxsize=1)
def _key(path: Path) -> SealKey:
    return SealKey.load(path, PASSPHRASE)


if __name__ == "__main__":
    main()
