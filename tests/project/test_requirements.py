"""The lock files install on every Python that the project promises."""

import json
import re
import sys
from importlib import metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet

from tests.conftest import REPOSITORY, run

#: The oldest Python of `requires-python`; Debian 12 has 3.11.2.
OLDEST_PYTHON = "3.11.0"


def test_every_pinned_package_admits_the_oldest_python() -> None:
    assert OLDEST_PYTHON in SpecifierSet(
        metadata.metadata("signer")["Requires-Python"] or ""
    )
    refusing = {
        f"{package.metadata['Name']} {package.version}": needed
        for package in metadata.distributions()
        if (needed := package.metadata["Requires-Python"])
        and OLDEST_PYTHON not in SpecifierSet(needed)
    }
    assert not refusing


def test_the_list_for_programs_names_every_pinned_package(tmp_path: Path) -> None:
    """`make sbom` makes CycloneDX, with each package that the lock file pins."""
    lock = REPOSITORY / "requirements" / "site.txt"
    out = tmp_path / "sbom.json"
    done = run("make", "--dry-run", "sbom", cwd=REPOSITORY)
    assert "-m cyclonedx_py requirements requirements/$part.txt" in done
    run(
        *(sys.executable, "-W", "ignore::UserWarning", "-m", "cyclonedx_py"),
        *("requirements", lock, "--output-format", "JSON", "--output-file", out),
    )
    document = json.loads(out.read_text("utf-8"))
    assert document["bomFormat"] == "CycloneDX"
    listed = {(one["name"].lower(), one["version"]) for one in document["components"]}
    pinned = re.findall(r"^([\w.-]+)==([\w.]+)", lock.read_text("utf-8"), re.MULTILINE)
    assert listed == {(name.lower(), number) for name, number in pinned}
