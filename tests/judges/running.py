"""The judges' programs: each is built once, and asked about many files at once."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signer import clock
from tests.conftest import CACHE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.judges.files import File

PROGRAMS = Path(__file__).parent / "programs"
BUILD = CACHE / "signer-tests" / "judges"

Findings = dict[str, str]
"""What a judge says of one file, by the names in its program's own words."""


class NotBuilt(Exception):
    """A judge cannot be built here, as without the internet."""


@dataclass(frozen=True, slots=True)
class Judge:
    """One of the judges.

    Attributes:
        name: what people call it.
        folder: of its program.
        main: the class to start; empty for a program of Node.
    """

    name: str
    folder: str
    main: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """What it takes to build and run it."""
        return ("javac", "mvn") if self.main else ("node", "npm")

    @property
    def missing(self) -> list[str]:
        """What of that is not here."""
        return [one for one in self.needs if shutil.which(one) is None]

    def build(self) -> Path:
        """The folder of its program, which is built where that was not done yet.

        Raises:
            NotBuilt: it could not be built.
        """
        if self.main:
            return _built("java", "mvn", "-q", "-B", "package") / self.folder
        install = "npm install --no-audit --no-fund --omit=optional --loglevel=error"
        return _built("node", *install.split())

    def judge(self, files: Sequence[File], trust: Path) -> list[Findings]:
        """What it says of each file, in their order: one process for all of them.

        Args:
            files: to be judged.
            trust: a folder with the certificates to trust and the lists at hand.

        Raises:
            NotBuilt: it could not be built.
        """
        lines = [
            "\t".join((str(one.path), clock.iso(one.at), ",".join(map(str, one.lists))))
            for one in files
        ]
        command = self._command(trust)
        done = subprocess.run(
            command,
            input="\n".join(lines) + "\n",
            check=False,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        found = _read(done.stdout)
        silent = [str(one.path) for one in files if str(one.path) not in found]
        if silent:
            raise RuntimeError(f"{self.name} says nothing of {silent}")
        return [found[str(one.path)] for one in files]

    def _command(self, trust: Path) -> list[str]:
        built = self.build()
        if not self.main:
            return ["node", str(built / "judge.mjs")]
        classes = f"{built / 'target' / '*'}:{built / 'target' / 'lib' / '*'}"
        return ["java", "-Xmx2g", "-cp", classes, self.main, str(trust)]


DSS = Judge("DSS", "dss", "DssJudge")
VERAPDF = Judge("veraPDF", "verapdf", "VeraPdfJudge")
PDFBOX = Judge("PDFBox", "pdfbox", "PdfBoxJudge")
PDFJS = Judge("pdf.js", "pdfjs")
JUDGES = (DSS, VERAPDF, PDFBOX, PDFJS)


def _read(printed: str) -> dict[str, Findings]:
    """By its path, what was said of each file."""
    found = {}
    for line in printed.splitlines():
        path, *said = line.split("\t")
        # Libraries say other things in between.
        if said:
            pairs = (one.partition("=") for one in said)
            found[path] = {name: value for name, _, value in pairs}
    return found


def _built(language: str, *command: str) -> Path:
    """The folder where the programs of a language are built, once for each source."""
    source = PROGRAMS / "pdfjs" if language == "node" else PROGRAMS
    parts = sorted(one for one in source.rglob("*") if one.is_file())
    if language == "java":
        parts = [one for one in parts if one.suffix in {".java", ".xml"}]
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in parts)).hexdigest()
    folder = BUILD / f"{language}-{digest[:16]}"
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / f"{language}.lock").open("w") as lock:
        # Two processes of the tests must not build it over each other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".built").exists():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(source, folder)
            sys.stderr.write(f"Building the judges in {folder}\n")
            try:
                subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)
            except (OSError, subprocess.CalledProcessError) as error:
                raise NotBuilt(f"{command[0]} failed: {error}") from error
            (folder / ".built").touch()
    return folder
