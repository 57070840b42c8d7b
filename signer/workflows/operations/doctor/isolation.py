"""Whether strangers' files are examined behind walls that the kernel puts up."""

from __future__ import annotations

from signer.declaration.verify.sandbox.pool import try_isolation
from signer.workflows.operations.doctor.outcomes import Check, ok, warning

ABOUT = "examining files"

WHAT_TO_DO = (
    "Use Linux 5.13 or later with Landlock (CONFIG_SECURITY_LANDLOCK, and landlock in "
    "the kernel's list lsm=) on x86-64 or ARM64; in a container, let its profile allow "
    "landlock_create_ruleset, landlock_add_rule, landlock_restrict_self and seccomp. "
    "Until then give the service a machine of its own."
)


def check_isolation() -> Check:
    """Start such a process, and say what it tried and could not do."""
    try:
        isolation = try_isolation()
    except OSError as error:
        return warning(
            ABOUT,
            f"No process could be started to examine a file in ({error}).",
            "Nobody can check a declaration here. Look at the memory of this machine.",
        )
    open_ways = [
        what
        for what, closed in (
            ("other files", isolation.files),
            ("connections", isolation.sockets),
        )
        if not closed
    ]
    if not open_ways:
        return ok(
            ABOUT,
            "A process that examines a stranger's file can open no other file and no "
            "connection: it tried.",
        )
    return warning(
        ABOUT,
        "A process that examines a stranger's file can open "
        f"{' and '.join(open_ways)}, for the kernel does not keep it from that. A "
        "fault in a library that reads PDFs could be used for it.",
        WHAT_TO_DO,
    )
