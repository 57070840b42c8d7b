"""What a mail server's refusal means: who has to mend it, and what it holds up.

A reply is final only where it says that there is no such recipient. Every other one,
whatever its code, may pass or be mended: a quota, a relay rule, a block list, DMARC.
"""

from __future__ import annotations

import re
from enum import StrEnum

from signer.errors import (
    MailDeferred,
    MailError,
    MailRefused,
    MailServerTrouble,
    TroubleScope,
)


class Step(StrEnum):
    """Where in the conversation a reply came (RFC 5321 §3)."""

    CONNECT = "connect"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"


PERMANENT = 500

NO_SUCH_RECIPIENT = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""Enhanced codes that name the recipient, in replies and in bounces.

They say that it does not exist, and nothing else (RFC 3463 §3.2, §3.3; RFC 7505 §4.2
for 5.1.10).
"""

_BARE_NO_SUCH_RECIPIENT = frozenset({550, 551, 553})
_MAILBOX_FULL = frozenset({"5.2.2", "4.2.2"})
_TOO_BIG = frozenset({"5.3.4", "5.2.3"})
_TOO_BIG_CODE = 552
_LOGIN_WANTED = frozenset({530, 534, 535, 538, 454})
_CLOSING = 421
_NO_ROOM = 452

# Some servers put a sign, a bracket or a word before it.
_ENHANCED = re.compile(
    r"(?:error:?\s*)?[#(\[<]?([245]\.\d{1,3}\.\d{1,3})(?!\d|\.\d)", re.IGNORECASE
)
_RECIPIENT = re.compile(
    r"[<@]|\b(?:user|mailbox|recipient|addressee|address|account)\b", re.IGNORECASE
)
_IS_NOT_THERE = re.compile(
    r"""no.such | unknown | \bno\s(?:mailbox|user|recipient)\b | non-?existent
    | \bnot\s(?:\w+\s){0,2}(?:found|known|local|here|exist) | n't\sexist | invalid
    | unavailable | no.longer | disabled""",
    re.IGNORECASE | re.VERBOSE,
)
_OPERATORS_WORDS = re.compile(
    r"""quota | relay | rcpthosts | block | black.?list | deny.?list | listed | \brbl
    | dnsbl | spam | \bspf | dkim | dmarc | authent | polic(?:y|ies) | prohibit
    | limit | \brate\b | throttl | too.many | exceed | sender | reputation | \bptr\b
    | reverse | helo\b | ehlo\b | denied | \btls | encrypt | \bhost\b | domain
    | outgoing | \byour\b | authori[sz]""",
    re.IGNORECASE | re.VERBOSE,
)
_SLOW_DOWN = re.compile(
    r"too.many|\brate|throttl|limit|quota|exceed|too.(?:fast|quickly)|slow.down|busy",
    re.IGNORECASE,
)
_SENDING = re.compile(
    r"submission|sending|daily|hourly|per (?:day|hour)", re.IGNORECASE
)


def enhanced_code(words: str) -> str:
    """The enhanced status code (RFC 3463) that a reply begins with, or nothing.

    Args:
        words: the reply without its three digits.
    """
    found = _ENHANCED.match(words.strip())
    return found[1] if found else ""


def error_of(step: Step, code: int, words: str, reply: str) -> MailError:
    """The error that a negative reply stands for.

    Args:
        step: what it answered.
        code: its three digits.
        words: what follows them.
        reply: the whole, without addresses, for whoever reads of it.
    """
    enhanced = enhanced_code(words)
    if step in {Step.CONNECT, Step.LOGIN} or code in _LOGIN_WANTED:
        return MailServerTrouble(reply, TroubleScope.CONNECTION)
    if code < PERMANENT:
        return _passing(step, code, enhanced, words, reply)
    if _names_recipient(step, code, enhanced, words):
        return MailRefused(reply)
    if enhanced in _MAILBOX_FULL and not _SENDING.search(words):
        # The recipient's own mailbox, which may have room tomorrow.
        return MailDeferred(reply)
    if enhanced in _TOO_BIG or (code == _TOO_BIG_CODE and not enhanced):
        # Smaller ones are taken all the same.
        return MailServerTrouble(reply, TroubleScope.MAIL)
    return MailServerTrouble(reply, TroubleScope.SERVER)


def _names_recipient(step: Step, code: int, enhanced: str, words: str) -> bool:
    if step is Step.MAIL:
        return False
    if enhanced:
        return enhanced in NO_SUCH_RECIPIENT
    return bool(
        step is Step.RCPT
        and code in _BARE_NO_SUCH_RECIPIENT
        and _RECIPIENT.search(words)
        and _IS_NOT_THERE.search(words)
        and not _OPERATORS_WORDS.search(words)
    )


def _passing(step: Step, code: int, enhanced: str, words: str, reply: str) -> MailError:
    if enhanced in _MAILBOX_FULL:
        return MailDeferred(reply)
    slow_down = enhanced.startswith("4.7.") and _SLOW_DOWN.search(words)
    if (
        step is Step.MAIL
        or code in {_CLOSING, _NO_ROOM}
        or enhanced.startswith("4.3.")
        or slow_down
    ):
        return MailServerTrouble(reply, TroubleScope.BUSY)
    return MailDeferred(reply)


def same_reply(reply: str) -> str:
    """What two replies of one cause have in common: their codes.

    What follows often names a moment, a queue or a recipient.
    """
    code, _, words = reply.partition(" ")
    if not code.isdigit():
        return reply
    return f"{code} {enhanced_code(words)}".strip()
