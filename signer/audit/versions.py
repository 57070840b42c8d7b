"""The released versions in a bundle: each whole, in their chain, and as pinned."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from signer.audit.archive import Archive
from signer.audit.bundle import VERSION, VERSION_PDF, VERSION_SUMS
from signer.audit.declarations import reasons_of
from signer.audit.findings import Findings
from signer.audit.log_events import Told
from signer.declaration.verify import Report, Result
from signer.errors import BundleRefused, PolicyError
from signer.policy.sha256sums import parse_sums
from signer.policy.versions import Version, parse_version


def read_texts(archive: Archive, findings: Findings) -> dict[int, Version]:
    """The released versions by number, as far as they can be read as such.

    A gap is found for each that cannot, for each that does not name the one before
    it, and for each that the list of releases does not hold as it is.
    """
    sources: dict[int, bytes] = {}
    versions: dict[int, Version] = {}
    for name in archive.names:
        if not (found := VERSION.fullmatch(name)):
            continue
        number = int(found[1])
        with findings.refusals(name):
            sources[number] = archive.read(name)
            try:
                versions[number] = parse_version(name, sources[number])
            except PolicyError as error:
                findings.gap(name, f"It is no released version: {error}")
    if not sources:
        findings.gap("versions", "The bundle holds no released version.")
    _check_listed(archive, sources, findings)
    _check_chain(versions, sources, findings)
    return versions


def check_pins(told: Told, versions: Mapping[int, Version], findings: Findings) -> None:
    """Compare the versions with what the log says parents were asked to agree to."""
    for position, number, sha256 in told.pinned:
        found = versions.get(number)
        if found is None:
            findings.gap(
                f"versions/{number}.md",
                f"Parents were asked to sign it (entry {position}), and it is missing.",
            )
        elif found.sha256 != sha256:
            findings.gap(
                f"versions/{number}.md",
                f"It is not the text that parents were asked to sign (entry "
                f"{position}).",
            )
    known = {one.sha256 for one in versions.values()}
    pinned = {sha256 for _, _, sha256 in told.pinned}
    answered = [(one.position, one.version_sha256) for one in told.signed.values()]
    for position, sha256 in sorted([*answered, *told.agreed]):
        if sha256 not in known:
            findings.gap(
                f"entry {position}", f"It answers a text that is missing: {sha256}."
            )
        elif sha256 not in pinned:
            findings.gap(
                f"entry {position}",
                "It answers a version that the log does not say anybody was asked "
                "to sign.",
            )


def check_sealed_texts(archive: Archive, told: Told, findings: Findings) -> None:
    """Name each sealed PDF of a version that is not here, or that the log lacks."""
    files = {
        int(one[1]) for name in archive.names if (one := VERSION_PDF.fullmatch(name))
    }
    for number in sorted(told.sealed_texts.keys() - files):
        findings.gap(
            f"versions/{number}.pdf",
            f"The log says that it was sealed (entry "
            f"{told.sealed_texts[number].position}), and it is missing.",
        )
    for number in sorted(files - told.sealed_texts.keys()):
        findings.gap(f"versions/{number}.pdf", "The log does not know it.")


def check_sealed_text(
    number: int, report: Report, told: Told, findings: Findings
) -> None:
    """Compare what was found of a version's PDF with what the log says of it."""
    name, sealed = f"versions/{number}.pdf", told.sealed_texts.get(number)
    if report.result is not Result.SEALED_TEXT:
        why = "" if report.genuine else reasons_of(report)
        findings.gap(name, f"It is “{report.result}”. {why}".rstrip())
    if sealed and sealed.pdf_sha256 != report.sha256:
        findings.gap(
            name, f"It is not the file that the log names (entry {sealed.position})."
        )


def _check_listed(
    archive: Archive, sources: Mapping[int, bytes], findings: Findings
) -> None:
    if VERSION_SUMS not in archive:
        findings.gap(VERSION_SUMS, "It is missing.")
        return
    try:
        listed = parse_sums(archive.read(VERSION_SUMS), path=VERSION_SUMS)
    except (BundleRefused, PolicyError) as error:
        findings.gap(VERSION_SUMS, f"It cannot be read: {error}")
        return
    files = {f"{number}.md": source for number, source in sources.items()}
    for name in sorted(files.keys() | listed.keys()):
        if name not in files:
            findings.gap(f"versions/{name}", "It was released, and is missing.")
        elif name not in listed:
            findings.gap(f"versions/{name}", "The list of releases does not name it.")
        elif hashlib.sha256(files[name]).hexdigest() != listed[name]:
            findings.gap(
                f"versions/{name}", "It is not the one in the list of releases."
            )


def _check_chain(
    versions: Mapping[int, Version], sources: Mapping[int, bytes], findings: Findings
) -> None:
    first = min(sources, default=0)
    for number, version in sorted(versions.items()):
        before = sources.get(number - 1)
        expected = None if before is None else hashlib.sha256(before).hexdigest()
        if before is None and number != first:
            findings.gap(f"versions/{number - 1}.md", "It is missing.")
        elif version.previous_sha256 != expected:
            findings.gap(
                f"versions/{number}.md",
                "It does not name the version before it by its SHA-256.",
            )
