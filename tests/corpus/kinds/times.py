"""When it was sealed: clocks set back, certificates revoked, false timestamps."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from asn1crypto import algos, cms, tsp

from signer.declaration.seal.seal import seal
from signer.pki.http import exchange
from signer.pki.run_async import run_async
from tests.conftest import MOMENT
from tests.corpus.bench import A_YEAR, AN_HOUR, Bench
from tests.corpus.case import GENUINE, OPEN, REFUSED, Room
from tests.corpus.raw import resealed, swapped
from tests.corpus.sealing import (
    attribute,
    changed,
    hand_sealed,
    plain,
    signer_of,
    with_token,
    with_unsigned_words,
)
from tests.declaration.authorities import ARCHITECTURE
from tests.declaration.forgery import Gap, flipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    Given = Callable[[Bench], dict[str, Any]]

case = Room()


def revoked(at: datetime, *, stamps: bool = True) -> Given:
    """At hand: a list that revokes the seal's certificate since a time."""

    def given(bench: Bench) -> dict[str, Any]:
        lists = {"revocation_lists": [bench.school.listed(at=at, revoked=True)]}
        return {**lists, **(bench.with_stamps() if stamps else {})}

    return given


def stamps(bench: Bench) -> dict[str, Any]:
    return bench.with_stamps()


def token(bench: Bench, over: bytes, name: str = "tsa") -> Any:
    """What a timestamp authority answers, whatever may be wrong with it."""
    question = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": {
                "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "hashed_message": hashlib.sha256(over).digest(),
            },
            "cert_req": True,
        }
    )
    raw = exchange(
        f"{bench.authorities.address}/{ARCHITECTURE}/tsa/{name}",
        seconds=10,
        body=question.dump(),
        kind="application/timestamp-query",
    )
    return tsp.TimeStampResp.load(raw)["time_stamp_token"]


@case(
    "Revoked an hour before it was sealed.",
    REFUSED,
    "revocation",
    given=revoked(MOMENT - AN_HOUR),
)
def revoked_before(bench: Bench) -> bytes:
    return bench.sealed


@case(
    "Revoked an hour before its timestamp.",
    REFUSED,
    "revocation",
    given=revoked(MOMENT - AN_HOUR),
)
def revoked_before_the_timestamp(bench: Bench) -> bytes:
    return bench.stamped


@case(
    "Revoked before its timestamp, the time it states set back before that.",
    REFUSED,
    "timestamp",
    given=revoked(MOMENT - AN_HOUR),
)
def revoked_and_set_back(bench: Bench) -> bytes:
    sign = with_token(plain(bench.key), lambda over: token(bench, over))
    return hand_sealed(bench.key, sign=sign, at=MOMENT - 3 * AN_HOUR)


@case(
    "Revoked after the time that it states, and nothing confirms that time.",
    OPEN,
    "revocation",
    given=revoked(MOMENT + AN_HOUR),
)
def revoked_after(bench: Bench) -> bytes:
    return bench.sealed


@case(
    "Revoked after its timestamp.",
    GENUINE,
    given=revoked(MOMENT + AN_HOUR),
)
def revoked_after_the_timestamp(bench: Bench) -> bytes:
    return bench.stamped


@case(
    "Revoked after its timestamp, which is by nobody who is trusted.",
    OPEN,
    "revocation",
    given=revoked(MOMENT + AN_HOUR, stamps=False),
)
def revoked_after_a_stranger_s_timestamp(bench: Bench) -> bytes:
    return bench.stamped


@case("It states a time that has not come yet.", OPEN, "signer")
def time_to_come(bench: Bench) -> bytes:
    return seal(bench.typeset, bench.key, at=MOMENT + 2 * timedelta(days=1)).pdf


@case("It states a time before its certificate begins.", REFUSED, "signer")
def time_before_the_certificate(bench: Bench) -> bytes:
    return seal(bench.typeset, bench.key, at=MOMENT - A_YEAR).pdf


@case(
    "The clock set back three hours, which the timestamp shows.",
    REFUSED,
    "timestamp",
    given=stamps,
)
def clock_set_back(bench: Bench) -> bytes:
    sign = with_token(plain(bench.key), lambda over: token(bench, over))
    return hand_sealed(bench.key, sign=sign, at=MOMENT - 3 * AN_HOUR)


@case("It states a time without its zone.", REFUSED, "signature")
def time_without_a_zone(bench: Bench) -> bytes:
    pdf = hand_sealed(bench.key)
    old = b"/M (D\\07220261122141013Z)"
    assert old in pdf
    return resealed(swapped(pdf, old, b"/M (D\\07220261122141013)"), bench.key)


@case("It states no time.", REFUSED, "signature")
def no_time(bench: Bench) -> bytes:
    pdf = hand_sealed(bench.key)
    return resealed(swapped(pdf, b"/M (D\\07220261122141013Z)", b""), bench.key)


@case("The timestamp is over another signature.", REFUSED, "timestamp", given=stamps)
def timestamp_of_another(bench: Bench) -> bytes:
    sign = with_token(plain(bench.key), lambda _: token(bench, b"something else"))
    return hand_sealed(bench.key, sign=sign)


@case(
    "Words in the timestamp of a seal without validation data.",
    OPEN,
    "changes",
    given=stamps,
)
def timestamp_with_words_in_it(bench: Bench) -> bytes:
    def noted(over: bytes) -> cms.ContentInfo:
        made = cms.ContentInfo.load(token(bench, over).dump())
        with_unsigned_words(made["content"])
        return cms.ContentInfo.load(made.dump(force=True))

    return hand_sealed(bench.key, sign=with_token(plain(bench.key), noted))


@case("One bit of the timestamp flipped.", REFUSED, "timestamp", given=stamps)
def timestamp_altered(bench: Bench) -> bytes:
    gap = Gap.of(bench.stamped)
    value = gap.value(bench.stamped)
    signer = cms.ContentInfo.load(value)["content"]["signer_infos"][0]
    made = signer["unsigned_attrs"][0]["values"][0]
    own = made["content"]["signer_infos"][0]["signature"].native
    return gap.filled(bench.stamped, flipped(value, value.index(own) + 20, 3))


@case(
    "The authority's certificate had ended when it made the timestamp.",
    REFUSED,
    "timestamp",
    given=stamps,
)
def timestamp_by_an_ended_certificate(bench: Bench) -> bytes:
    sign = with_token(plain(bench.key), lambda over: token(bench, over, "tsa-expired"))
    return hand_sealed(bench.key, sign=sign)


@case(
    "The timestamp is by a certificate that is not for timestamps.",
    REFUSED,
    "timestamp",
    given=lambda bench: {"tsa_roots": [bench.school.files.authority]},
)
def timestamp_by_the_school(bench: Bench) -> bytes:
    """Whoever has the seal's key makes a timestamp of their own with it."""
    sign = with_token(
        plain(bench.key), lambda over: _own_token(bench, over, MOMENT - AN_HOUR / 2)
    )
    return hand_sealed(bench.key, sign=sign)


def _own_token(bench: Bench, over: bytes, at: datetime) -> Any:
    told = tsp.TSTInfo(
        {
            "version": 1,
            "policy": "1.2.3",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(over).digest(),
            },
            "serial_number": 1,
            "gen_time": at,
        }
    )
    content = {"content_type": "tst_info", "content": told}
    made = run_async(
        signer_of(bench.key).async_sign_general_data(
            cms.EncapsulatedContentInfo(content), "sha256", detached=False
        )
    )
    # Loaded anew, for what was put together is written ever slower, level by level.
    return cms.ContentInfo.load(made.dump())


@case("What should be the timestamp is none.", REFUSED, "signature", given=stamps)
def timestamp_of_nothing(bench: Bench) -> bytes:
    empty = cms.ContentInfo({"content_type": "data", "content": b"12:00"})
    return hand_sealed(bench.key, sign=with_token(plain(bench.key), lambda _: empty))


@case("Two timestamps, of which one would be right.", REFUSED, "signature")
def two_timestamps(bench: Bench) -> bytes:
    def add(signed: Any) -> None:
        signer = signed["signer_infos"][0]
        over = signer["signature"].native
        both = [token(bench, over), token(bench, b"x")]
        signer["unsigned_attrs"] = attribute(*both)

    return hand_sealed(bench.key, sign=changed(plain(bench.key), add))
