"""The lock files install on every Python that the project promises."""

from importlib import metadata

from packaging.specifiers import SpecifierSet

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
