"""200 parents who sign at once, for a minute, through real HTTP.

    .venv/bin/python -m bench.service.signing [sqlite] [postgresql]

Service, worker, mail server and parents are processes of their own, as in production.
Everybody signs as fast as the pages come. After that, the same machine does nothing
but typeset and seal, with as many processes as it has processors: no service that
seals each declaration can sign more. Prints one JSON document, and ends with an exit
code other than 0 where a request failed or a signature was lost.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import queue
import statistics
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bench.table.figures import Figure
from bench.table.processes import Failed
from signer import clock
from signer.config import load
from signer.declaration.pdf.declaration_pdf import typeset
from signer.declaration.statement import from_json
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.link_tokens import fingerprint
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.pki.make_keys import make_keys
from signer.store.tables import Declaration, Link, Request
from signer.workflows.context import open_context
from signer.workflows.declarations.seal import seal_as_asked
from tests.conftest import PASSPHRASE
from tests.production.harness.launching import call_apart, until
from tests.production.harness.postgresql import postgresql_server
from tests.production.harness.rehearsal import name_of, new_database, rehearsal
from tests.production.harness.visitor import Refused, Unanswered, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.production.harness.rehearsal import Rehearsal

AT_ONCE = 200
SECONDS = 60.0
REGISTERED = 6000
CLIENTS = 2
"""Processes that share the parents: a single one would be busier than the service."""

SEALING_SECONDS = 10.0


@dataclass
class Load:
    """What the parents of one process met with.

    Attributes:
        references: the declarations that they saw confirmed.
        waited: seconds of each confirming POST.
        errors: whatever else came.
    """

    references: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def main() -> None:
    """Measure each database; fail where something failed or was lost."""
    results = on_each(sys.argv[1:], measure)
    print(json.dumps(results, indent=2))
    sys.exit(any(one["errors"] or one["problems"] for one in results.values()))


def figures(*, full: bool = False) -> list[Figure]:
    """Declarations a second, beside sealing alone, and what the press takes then."""
    del full
    found = []
    for system, one in on_each((), measure).items():
        if one["errors"] or one["problems"]:
            raise Failed(f"{system}: {one['errors'] or one['problems']}")
        sealing = one["declarations a second"] / one["sealing alone, a second"]
        name = f"Declarations a second, {AT_ONCE} at once ({system})"
        rate, peer = one["declarations a second"], "typesetting and sealing alone"
        found.append(Figure(name, rate, "", None, sealing, peer))
        name = f"Press that signs, {AT_ONCE} at once, median ({system})"
        found.append(Figure(name, one["confirming POST, median ms"], "ms"))
    return found


def on_each(
    systems: Sequence[str], measure: Callable[[Rehearsal], dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Measure a new school on each database; gives what was found by its name.

    Args:
        systems: ``sqlite`` and ``postgresql``, or nothing for both.
        measure: measures a school that is furnished, with nobody in its register.
    """
    results = {}
    for system in systems or ("sqlite", "postgresql"):
        with furnished(system) as school:
            results[system] = measure(school)
    return results


@contextmanager
def furnished(system: str, **changed: Any) -> Iterator[Rehearsal]:  # noqa: ANN401 - settings
    """A school with tables and keys, and nobody in its register.

    Args:
        system: ``postgresql`` for a server of its own; an SQLite file otherwise.
        changed: what is passed on to `rehearsal`.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        keys = make_keys(
            folder / "keys",
            school="My Online Schooling",
            passphrase=PASSPHRASE,
            at=clock.now(),
            extra_files={LOG_KEY: new_log_key(PASSPHRASE)},
        ).seal_key.parent
        url = ""
        if system == "postgresql":
            url = new_database(stack.enter_context(postgresql_server()).address)
        with rehearsal(folder / "school", url, **changed) as school:
            school.furnish(keys)
            yield school


def measure(school: Rehearsal) -> dict[str, Any]:
    """Let everybody sign, and count what came of it."""
    school.import_register(range(REGISTERED))
    school.well("ask", "--yes")
    given, links = school.folder / "environment.json", school.folder / "links.json"
    given.write_text(json.dumps(school.environment), "utf-8")
    call_apart(mint_links, str(given), str(links))
    school.open(workers=1)
    load = sign_at_once(school, json.loads(links.read_text("utf-8")))
    receipts = time.monotonic()
    until(lambda: not unsealed(school), 600, "seals")
    took = time.monotonic() - receipts
    problems = school.problems(load.references)
    school.close()
    sealing = seal_alone(school, given)
    rate = len(load.references) / SECONDS
    quantiles = statistics.quantiles(load.waited, n=20)
    return {
        "parents at once": AT_ONCE,
        "declarations": len(load.references),
        "declarations a second": round(rate, 1),
        "sealing alone, a second": round(sealing, 1),
        "ratio": round(rate / sealing, 2),
        "confirming POST, median ms": round(statistics.median(load.waited) * 1000),
        "confirming POST, one in twenty ms": round(quantiles[-1] * 1000),
        "seconds until the last was sealed": round(took, 1),
        "errors": load.errors[:5],
        "errors counted": len(load.errors),
        "problems": problems,
    }


def unsealed(school: Rehearsal) -> int:
    """How many declarations wait for their seal."""
    return sum(one["unsealed"] for one in school.document("status")["versions"])


def sign_at_once(school: Rehearsal, links: list[tuple[int, str]]) -> Load:
    """Everybody signs for a minute; gives what all of them met with."""
    app_context = multiprocessing.get_context("fork")
    results = app_context.Queue()
    clients = [
        app_context.Process(
            target=_client,
            args=(school.settings.base_url, school.ports, links[n::CLIENTS], results),
        )
        for n in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    loads = [results.get() for _ in clients]
    for client in clients:
        client.join()
    return Load(
        [one for load in loads for one in load.references],
        [one for load in loads for one in load.waited],
        [one for load in loads for one in load.errors],
    )


def _client(
    base_url: str,
    ports: list[int],
    links: list[tuple[int, str]],
    results: multiprocessing.Queue[Load],
) -> None:
    waiting: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
    for one in links:
        waiting.put(one)
    load, lock = Load(), threading.Lock()
    until_then = time.monotonic() + SECONDS

    def parent() -> None:
        while time.monotonic() < until_then:
            number, link = waiting.get_nowait()
            visitor = Visitor(base_url, ports)
            try:
                signature = visitor.sign(link, name_of(number))
            except (Unanswered, Refused, OSError) as error:
                with lock:
                    load.errors.append(f"{type(error).__name__}: {error}"[:300])
                continue
            finally:
                visitor.close()
            with lock:
                load.references.append(signature.reference)
                load.waited.append(visitor.client.waited["signed"])

    threads = [threading.Thread(target=parent) for _ in range(AT_ONCE // CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(load)


def seal_alone(school: Rehearsal, environment: Path) -> float:
    """How many declarations a second the processors can typeset and seal."""
    outs = [school.folder / f"sealed-{n}.json" for n in range(os.cpu_count() or 1)]
    threads = [
        threading.Thread(
            target=call_apart, args=(seal_only, str(environment), str(out))
        )
        for out in outs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(json.loads(out.read_text("utf-8")) for out in outs)


def seal_only(environment: str, out: str) -> None:
    """Typeset and seal one declaration again and again; write how many a second."""
    os.environ.update(json.loads(Path(environment).read_text("utf-8")))
    app_context = open_context(load())
    with closing(app_context.sessions), app_context.sessions.reading() as session:
        raw = session.scalars(select(Declaration.statement).limit(1)).one()
    version = app_context.version(from_json(raw).policy_version)
    body = blocks(to_html(version.body))

    def seal() -> None:
        pdf = typeset(raw, body, version.source, version.filename)
        seal_as_asked(app_context, pdf)

    seal()
    began, count = time.monotonic(), 0
    while time.monotonic() < began + SEALING_SECONDS:
        seal()
        count += 1
    rate = count / (time.monotonic() - began)
    Path(out).write_text(json.dumps(rate), "utf-8")


def mint_links(environment: str, out: str) -> None:
    """Write a link for each request, as a mail would bring it (JSON)."""
    os.environ.update(json.loads(Path(environment).read_text("utf-8")))
    app_context = open_context(load())
    links = []
    with closing(app_context.sessions), app_context.sessions.writing() as session:
        for request in session.scalars(select(Request)):
            token, link_id = app_context.tokens.mint()
            mark = fingerprint(link_id)
            session.add(
                Link(request_id=request.id, fingerprint=mark, made_at=clock.now())
            )
            number = request.parent.email.partition("@")[0].removeprefix("parent-")
            links.append((int(number), f"{app_context.settings.base_url}/s/{token}"))
    Path(out).write_text(json.dumps(links), "utf-8")


if __name__ == "__main__":
    main()
