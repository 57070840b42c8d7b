"""What `signer verify` prints of each file, for people and for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

import click

from signer.declaration.verify import (
    NOT_ASKED,
    RECORD,
    STANDING,
    Check,
    Outcome,
    Report,
    Result,
    deciding_check,
)
from signer.pki.certificates import as_fingerprint

IN_FULL = 10
"""With more files than that, a genuine one is told in one line."""

_MARKS = {
    Outcome.PASSED: "yes",
    Outcome.FAILED: "NO",
    Outcome.NOT_CHECKED: "not checked",
}

_MEANINGS = {
    Result.GENUINE: (
        "GENUINE. It is unchanged, the school sealed it, and the text inside is the "
        "one that was released. You can rely on it."
    ),
    Result.UNKNOWN_SIGNER: (
        "UNCHANGED, BUT SIGNER UNKNOWN TO YOU. Everything matches, but anyone "
        "can make such a file, and nothing here shows that the school did. Get ca.pem "
        "from the school, compare its fingerprint by telephone, and check again with "
        "--trust ca.pem."
    ),
    Result.NOT_GENUINE: (
        "NOT GENUINE. Do not rely on it. Ask the school for its own copy."
    ),
    Result.SEALED_TEXT: (
        "NOT A DECLARATION. It is the text of the code of conduct, unchanged, as the "
        "school released it and sealed it. No one has signed it."
    ),
    Result.CANNOT_TELL: "CANNOT TELL. Nothing is proved either way.",
}
_VERSIONS = "Name the folder of the released versions with --versions, and check again."
_REMEDIES = {
    "file": "Ask for the original file, not a print or a scan.",
    "statement": _VERSIONS,
    "policy": _VERSIONS,
    RECORD: (
        "It has the school's seal, but it is not in the school's record. Do "
        "not rely on it before the school has looked into it."
    ),
}
"""What to do about a file of which nothing can be told, by the check that decided."""


def print_for_people(
    reports: Iterable[tuple[str, Report]], count: int, source: str | None
) -> bool:
    """Every file as it is checked, and a summary of several.

    Args:
        reports: the name of each file and its report.
        count: how many there are.
        source: where the certificates to trust came from; None where there are none.

    Returns:
        Whether every file is genuine, and its pages compared where that was asked.
    """
    results: Counter[Result] = Counter()
    uncompared = 0
    authorities: dict[str, None] = {}
    for name, report in reports:
        results[report.result] += 1
        left = _left_uncompared(report)
        uncompared += left
        if report.genuine and count > IN_FULL:
            authorities |= dict.fromkeys(_trusted(report, source))
            but = ", but its pages were not compared" if left else ""
            click.echo(f"{name}: genuine{but}")
        else:
            _print_in_full(name, report, source)
    for line in authorities:
        click.echo(line)
    if count > 1:
        told = (f"{results[one]:,} {_PLAIN[one]}" for one in Result if results[one])
        click.echo(f"{count:,} files: {', '.join(told)}.")
        if uncompared:
            click.echo(f"Genuine, but not compared as --deep asks: {uncompared:,}.")
    return set(results) <= {Result.GENUINE} and not uncompared


def print_for_programs(
    reports: Iterable[tuple[str, Report]], source: str | None
) -> bool:
    """One JSON document, written as the files are checked and never held whole.

    Args:
        reports: the name of each file and its report.
        source: where the certificates to trust came from; None where there are none.

    Returns:
        Whether every file is genuine, and its pages compared where that was asked.
    """
    click.echo('{"files": [')
    genuine, uncompared = True, 0
    for place, (name, report) in enumerate(reports):
        genuine = genuine and report.genuine
        uncompared += _left_uncompared(report)
        facts = {"file": name, **report.as_json()}
        facts["authority_source"] = source if report.authority else None
        document = json.dumps(facts, ensure_ascii=False)
        click.echo(f"{',' if place else ' '}{document}")
    click.echo(f'], "genuine": {json.dumps(genuine)}, "uncompared": {uncompared}}}')
    return genuine and not uncompared


_PLAIN = {
    Result.GENUINE: "genuine",
    Result.UNKNOWN_SIGNER: "unchanged but by an unknown signer",
    Result.NOT_GENUINE: "not genuine",
    Result.SEALED_TEXT: "no declaration but the school's text",
    Result.CANNOT_TELL: "not to be told",
}


def _print_in_full(name: str, report: Report, source: str | None) -> None:
    click.echo(name)
    for line in _lines(report, source):
        click.echo(f"  {line}")
    click.echo()


def _lines(report: Report, source: str | None) -> Iterator[str]:
    for check in report.checks:
        yield (
            f"{check.number:>2}. {check.name:<11} {_mark(check):<12} {check.sentence}"
        )
    yield _MEANINGS[report.result]
    decided = deciding_check(report)
    if report.result is Result.CANNOT_TELL and decided and not decided.doubtful:
        yield from filter(None, [_REMEDIES.get(decided.name)])
    if _left_uncompared(report):
        yield (
            "Its pages were not compared with the declaration inside, though --deep "
            "asks for it: the check of the typesetting says why."
        )
    yield from _trusted(report, source)
    if report.sha256:
        yield f"SHA-256 of the file: {report.sha256}"


def _left_uncompared(report: Report) -> bool:
    """Whether the pages of a genuine file were to be typeset again, and were not."""
    return report.genuine and any(
        check.name == "typesetting"
        and check.outcome is Outcome.NOT_CHECKED
        and check.sentence != NOT_ASKED
        for check in report.checks
    )


def _trusted(report: Report, source: str | None) -> Iterator[str]:
    """Whose word the verdict rests on, and who said to take it."""
    if report.authority_sha256:
        yield f"You trust “{report.authority}”, from {source}."
        yield f"Its fingerprint (SHA-256): {as_fingerprint(report.authority_sha256)}"


def _mark(check: Check) -> str:
    # Its status today is not a question to be answered with yes.
    told = check.name == STANDING and check.outcome is Outcome.PASSED
    return "told" if told else _MARKS[check.outcome]
