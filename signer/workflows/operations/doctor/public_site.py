"""Whether the public site shows the text that this server has released."""

from __future__ import annotations

from signer.config import Settings
from signer.errors import NotPublished, PolicyError, PublishedDifferently
from signer.policy.versions import Version, in_force, read_versions
from signer.workflows.campaigns.publication import check_publication
from signer.workflows.operations.doctor.http import Unreachable, fetch
from signer.workflows.operations.doctor.outcomes import (
    Check,
    not_checked,
    ok,
    problem,
    warning,
)

ABOUT = "site's version"
_OK = 200


def check_site(settings: Settings) -> Check:
    """Compare the newest released file with the one that the public can read."""
    try:
        version = in_force(read_versions(settings.versions_dir))
    except PolicyError as error:
        return not_checked(ABOUT, f"The released versions cannot be read: {error}.")
    try:
        check_publication(settings, version)
    except NotPublished as error:
        return problem(
            ABOUT,
            f"Version {version.number} is not at {error.address}: {error.problem}.",
            "Build and publish the site from the same versions. Until then nobody is "
            "asked to sign this one.",
        )
    except PublishedDifferently as error:
        return problem(
            ABOUT,
            f"Version {version.number} is at {error.address} with other bytes than "
            "were released.",
            "Run signer versions check here, and build the site from the same commit.",
        )
    if _is_there(settings, version.number + 1, version):
        return warning(
            ABOUT,
            f"The site has version {version.number + 1} already, and this server's "
            "newest is one older.",
            "Bring the released file into SIGNER_VERSIONS_DIR, such as with git pull.",
        )
    return ok(ABOUT, f"Version {version.number} is published as it was released.")


def _is_there(settings: Settings, number: int, version: Version) -> bool:
    """Return whether the site has another version; one that is not asked has none."""
    name = version.filename.replace(str(version.number), str(number), 1)
    if settings.site_dir is not None:
        return (settings.site_dir / "versions" / name).is_file()
    try:
        answer = fetch(f"{settings.base_url}/versions/{name}")
    except Unreachable:
        return False
    # A site that answers every address with a page of its own has no such file.
    return answer.status == _OK and answer.body.startswith(b"---")
