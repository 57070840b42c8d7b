"""What the judges must say of genuine files, and which forgeries they let pass."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.judges.files import ARCHIVED, PLAIN, TIMED, TIMED_VERSION, VERSION
from tests.judges.running import DSS, PDFBOX, PDFJS, VERAPDF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.judges.files import File
    from tests.judges.running import Findings

_FORMS = {
    PLAIN: "PAdES-BASELINE-B",
    VERSION: "PAdES-BASELINE-B",
    TIMED: "PAdES-BASELINE-T",
    TIMED_VERSION: "PAdES-BASELINE-T",
    ARCHIVED: "PAdES-BASELINE-LTA",
}
_READERS = {PDFBOX.name, PDFJS.name}
"""The judges that tell the words of the structure."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One file, and what each judge said of it, by the judge's name."""

    file: File
    said: Mapping[str, Findings] = field(default_factory=dict)

    def faults(self, judge: str) -> list[str]:
        """What a judge finds wrong in it; nothing, where it accepts the file.

        Args:
            judge: its name.
        """
        said = self.said[judge]
        if "error" in said:
            return [said["error"]]
        expected = _EXPECTED[judge](self.file, said)
        return [
            f"{name}: {said.get(name, 'nothing')}"
            for name, value in expected.items()
            if said.get(name) != value
        ] + (_unread(self.file, said) if judge in _READERS else [])

    def accepts(self, judge: str) -> bool:
        """Whether a judge finds nothing wrong."""
        return not self.faults(judge)


def _dss(file: File, said: Findings) -> Findings:
    # Which level a file of the corpus has is no question of the corpus.
    form = _FORMS.get(file.kind) or said.get("form", "")
    return {
        "verdict": "TOTAL_PASSED",
        "signatures": "1",
        "form": form,
        "changes": "extension" if file.kind == ARCHIVED else "no",
    }


def _verapdf(_file: File, _said: Findings) -> Findings:
    return {"3a": "pass", "ua1": "pass"}


def _pdfbox(file: File, said: Findings) -> Findings:
    archived = file.kind == ARCHIVED
    expected = {
        "seal": "good",
        "trusted": "yes",
        "signatures": "2" if archived else "1",
        # What follows behind the seal is judged by DSS.
        "covers": "part" if archived else "whole",
    }
    if file.kind in {TIMED, TIMED_VERSION, ARCHIVED} or "stamp" in said:
        expected["stamp"] = "good"
    return expected


def _pdfjs(_file: File, _said: Findings) -> Findings:
    return {}


_EXPECTED = {
    DSS.name: _dss,
    VERAPDF.name: _verapdf,
    PDFBOX.name: _pdfbox,
    PDFJS.name: _pdfjs,
}


def _unread(file: File, said: Findings) -> list[str]:
    """A name that the words of the structure do not have in its own order."""
    if not file.name:
        return []
    # Twice on the first page, twice in the evidence.
    if _letters(said.get("words", "")).count(_letters(file.name)) < len("1122"):
        return ["the name is not read in its own order"]
    return []


def _letters(text: str) -> str:
    """The characters of a text that are read, whatever stands between its words."""
    composed = unicodedata.normalize("NFKC", text)
    return "".join(one for one in composed if unicodedata.category(one)[0] not in "ZC")
