"""Witnesses cosign each head of the log, and nothing ever waits for one of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, func, select

from signer import clock
from signer.errors import SettingsError
from signer.ledger.cosignatures import WitnessKey, read_cosignatures
from signer.ledger.proof_files import read_proof
from signer.store.log.tables import CosignatureLine, SignedCheckpoint
from signer.store.transient import WitnessState
from signer.worker import LaneName, Worker
from signer.workflows.context import open_context
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.log.cosigning.cosign import cosign_head
from signer.workflows.log.cosigning.standing import witness_standings
from signer.workflows.log.origins import verifiers
from signer.workflows.log.publish import signed_log
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.log.witnesses import mail_witnesses
from signer.workflows.operations.findings import FindingKind, Severity
from signer.workflows.operations.log_findings import log_findings
from tests.workflows.conftest import files, sign
from tests.workflows.log import logs
from tests.workflows.log.cosigning.witness import Answer, Witness, naming, witnessing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed
    from tests.workflows.conftest import Post


@pytest.fixture
def witness() -> Iterator[Witness]:
    """A witness that knows no log yet."""
    with witnessing() as running:
        yield running


@pytest.fixture
def witnessed(logged: AppContext, witness: Witness) -> AppContext:
    """A context with 13 entries, whose witness has not seen a head yet."""
    naming(logged, witness)
    return logged


def cosigned(app_context: AppContext) -> list[tuple[int, str]]:
    """Every cosignature that is stored: of which size, and whose."""
    with app_context.sessions.reading() as session:
        rows = session.execute(
            select(SignedCheckpoint.size, CosignatureLine.witness).join(
                CosignatureLine, CosignatureLine.checkpoint_id == SignedCheckpoint.id
            )
        )
        return sorted((size, name) for size, name in rows)


def grow(app_context: AppContext, count: int = 3) -> None:
    """Append entries and sign."""
    logs.append(app_context.sessions, count)
    sign_checkpoint(app_context)


def test_each_head_is_cosigned_and_stays_so(
    witnessed: AppContext, witness: Witness
) -> None:
    """The witness is asked once for each head, with a proof from the one before."""
    assert cosign_head(witnessed) == 1
    assert cosign_head(witnessed) == 0
    grow(witnessed)
    assert cosign_head(witnessed) == 1
    assert witness.asked == ["old 0", "old 13"]
    assert cosigned(witnessed) == [(13, witness.name), (16, witness.name)]
    log = signed_log(witnessed)
    assert log
    [line] = read_cosignatures(log.note, [witness.key], clock.now())
    assert line.at == clock.now().replace(microsecond=0)
    assert log.cosigned_by == ((witness.name, line.at),)
    # The file outside the database has it as well, once somebody signs again.
    sign_checkpoint(witnessed)
    assert witnessed.settings.checkpoint_path.read_text() == log.note


def test_a_witness_says_what_it_has_seen(
    witnessed: AppContext, witness: Witness
) -> None:
    """After a restore its 409 alone knows that, and the proof begins there."""
    cosign_head(witnessed)
    with witnessed.sessions.writing() as session:
        session.execute(delete(WitnessState))
    grow(witnessed)
    assert cosign_head(witnessed) == 1
    assert witness.asked == ["old 0", "old 0", "old 13"]


def test_every_size_can_be_proved(app_context: AppContext, witness: Witness) -> None:
    """From each head to the next, whatever the shapes of the two trees."""
    naming(app_context, witness)
    for count in (1, 1, 1, 2, 3, 8, 1, 15, 32):
        grow(app_context, count)
        assert cosign_head(app_context) == 1


def test_workers_at_the_same_moment_keep_one(
    witnessed: AppContext, witness: Witness
) -> None:
    """Both ask, and one line is kept."""
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(cosign_head, [witnessed] * 2))
    assert cosigned(witnessed) == [(13, witness.name)]


def wrong(change: Callable[[Witness, str], bytes]) -> Callable[[Witness, str], Answer]:
    """An answer that says that all is well, with something else in it."""
    return lambda witness, text: (200, "text/plain", change(witness, text))


def _late(witness: Witness, text: str) -> bytes:
    witness.ahead = timedelta(hours=2)
    return witness.cosign(text).encode()


def _of_time_zero(witness: Witness, text: str) -> bytes:
    witness.ahead = -timedelta(seconds=int(clock.now().timestamp()))
    return witness.cosign(text).encode()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (wrong(_late), "no time that can be"),
        (wrong(_of_time_zero), "no time that can be"),
        (wrong(lambda w, text: w.cosign(f"{text}x\n").encode()), "is wrong"),
        (
            wrong(lambda _, text: Witness().cosign(text).encode()),
            "none under the key",
        ),
        (wrong(lambda *_: b""), "not a signed note"),
        (wrong(lambda *_: b"\xff\n"), "what is no cosignature"),
        (wrong(lambda *_: b"thanks\n"), "not a signature line"),
        (lambda *_: (500, "text/plain", b""), "gave the answer 500"),
        (lambda *_: (302, "text/plain", b""), "gave the answer 302"),
        (lambda *_: (404, "text/plain", b""), "does not know this log"),
        (lambda *_: (409, "text/plain", b"many\n"), "does not say of what size"),
    ],
)
def test_what_is_no_cosignature_is_not_kept(
    witnessed: AppContext,
    witness: Witness,
    answer: Callable[[Witness, str], Answer],
    problem: str,
) -> None:
    """Whatever a witness answers, the log goes on; why is kept."""
    log = signed_log(witnessed)
    assert log
    witness.forced = answer(witness, log.note.partition("\n\n")[0] + "\n")
    assert cosign_head(witnessed) == 0
    assert cosigned(witnessed) == []
    [standing] = witness_standings(witnessed)
    assert problem in (standing.problem or "")
    assert not standing.contradicts
    grow(witnessed)
    assert logs.signed(witnessed)[-1] == (1, 16)


def test_nothing_waits_for_a_silent_witness(
    witnessed: AppContext, witness: Witness, frozen: Callable[[timedelta], None]
) -> None:
    """It is asked for a time, then left alone for a minute, and longer and longer."""
    with witnessing("witness.example/w2") as other:
        naming(witnessed, witness, other)
        witness.silent = True
        assert cosign_head(witnessed, seconds=0.3) == 1
        assert cosigned(witnessed) == [(13, other.name)]
        [silent, well] = witness_standings(witnessed)
        assert silent.problem == "gave no answer within 0.3 seconds"
        assert (well.current, well.failing_since) == (True, None)
        witness.silent = False
        assert cosign_head(witnessed) == 0
        assert list(log_findings(witnessed)) == []
        frozen(timedelta(minutes=1))
        witness.forced = (500, "text/plain", b"")
        assert cosign_head(witnessed) == 0
        frozen(timedelta(hours=2))
        [finding] = log_findings(witnessed)
        assert (finding.kind, finding.severity) == (
            FindingKind.WITNESSES,
            Severity.ATTENTION,
        )
        assert witness.name in finding.problem
        witness.forced = None
        assert cosign_head(witnessed) == 1
        assert list(log_findings(witnessed)) == []


def test_the_worker_has_each_head_cosigned(
    witnessed: AppContext, witness: Witness
) -> None:
    """In a round of its lanes, once the head is signed, and it tells that it ran."""
    logs.append(witnessed.sessions, 3)
    worker = Worker(witnessed)
    worker.do_round()
    assert LaneName.WITNESSES in worker.lanes
    size = logs.signed(witnessed)[-1][1]
    assert cosigned(witnessed) == [(size, witness.name)]


def test_a_receipt_brings_the_cosignature(
    amira: Followed, app_context: AppContext, post: Post, witness: Witness
) -> None:
    """The head in its proof is cosigned already, where the witness answers."""
    naming(app_context, witness)
    sign(app_context, amira)
    seal_outstanding(app_context)
    post.send()
    proof = next(
        content.decode()
        for name, content in files(post.to("Amira Khan")[-1]).items()
        if str(name).endswith(".tlog-proof")
    )
    [line] = read_cosignatures(read_proof(proof).checkpoint, [witness.key], clock.now())
    assert line.witness == witness.key


def test_people_who_keep_heads_get_the_cosignatures(
    witnessed: AppContext, post: Post
) -> None:
    """The note stays as it was stamped; beside it lies the one with every line."""
    witnessed.settings = replace(
        witnessed.settings, witnesses=("governor@example.org",)
    )
    cosign_head(witnessed)
    mail_witnesses(witnessed)
    post.send()
    kept = files(post.to("governor@example.org")[-1])
    log = signed_log(witnessed)
    assert log
    assert kept["checkpoint-cosigned"].decode() == log.note
    assert kept["checkpoint-cosigned"].startswith(kept["checkpoint"])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (("https://w.example",), "key behind each address"),
        (("ftp://w.example {key}",), "an address each"),
        (("https://w.example {key}", "https://v.example {key}"), "twice"),
        (("https://w.example {log}",), "key behind each address"),
    ],
)
def test_a_witness_without_a_key_is_no_setting(
    app_context: AppContext, given: tuple[str, ...], problem: str
) -> None:
    """Nothing starts with one, and it is said which setting."""
    key = Witness().key
    # The log's own type of key cosigns nothing.
    log = app_context.log_key().signer("w.example").verifier
    named = tuple(one.format(key=key, log=log) for one in given)
    settings = replace(app_context.settings, witness_servers=named)
    with pytest.raises(SettingsError, match=problem):
        open_context(settings)
    with pytest.raises(SettingsError, match="QUORUM"):
        open_context(
            replace(
                settings,
                witness_servers=(f"https://w.example {key}",),
                witness_quorum=2,
            )
        )


def test_a_key_keeps_its_line() -> None:
    """What a witness publishes is what is read."""
    key = Witness().key
    assert WitnessKey.parse(f"{key}\n") == key


def test_nothing_is_asked_without_a_head(
    app_context: AppContext, witness: Witness
) -> None:
    """An empty log has nothing to cosign."""
    naming(app_context, witness)
    assert cosign_head(app_context) == 0
    assert witness.asked == []
    assert verifiers(app_context) == ()
    with app_context.sessions.reading() as session:
        assert session.scalar(select(func.count()).select_from(WitnessState)) == 0
