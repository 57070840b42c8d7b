"""Whose fault a reply is: the recipient's, the server's for now, or the operator's."""

from __future__ import annotations

import pytest

from signer.errors import MailDeferred, MailRefused, MailServerTrouble, TroubleScope
from signer.mail.replies import Step, enhanced_code, error_of, same_reply

RECIPIENT = [
    (Step.RCPT, "550 5.1.1 <address>: Recipient address rejected: User unknown"),
    (Step.RCPT, "550 5.1.2 Bad destination system"),
    (Step.RCPT, "553 5.1.3 That is no address"),
    (Step.RCPT, "550 5.1.6 Mailbox has moved"),
    (Step.RCPT, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found"),
    (Step.RCPT, "550 5.2.1 The mailbox is disabled"),
    (Step.DATA, "550 5.1.1 no such mailbox"),
    (Step.RCPT, "550 No such user here"),
    (Step.RCPT, "550 mailbox unavailable"),
    (Step.RCPT, "550 <address>: Recipient address rejected: User unknown"),
    (Step.RCPT, "550 That account does not exist"),
    (Step.RCPT, "550 #5.1.1 bad destination"),
    (Step.RCPT, "551 User not local"),
    (Step.RCPT, "553 Requested action not taken: mailbox name not known"),
]
OPERATOR = [
    (Step.RCPT, "550 5.4.5 Daily user sending quota exceeded. x - gsmtp"),
    (Step.DATA, "550 5.4.5 Daily user sending limit exceeded. For more information"),
    (Step.DATA, "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceeded"),
    (Step.RCPT, "550 5.2.2 Submission quota exceeded"),
    (Step.RCPT, "554 5.7.1 <address>: Relay access denied"),
    (Step.RCPT, "550 5.7.1 Service unavailable, Client host blocked using Spamhaus"),
    (Step.DATA, "550 5.7.26 This mail has been blocked: the sender is unauthenticated"),
    (Step.DATA, "554 5.7.1 Looks like spam"),
    (Step.DATA, "554 Transaction failed"),
    (Step.DATA, "550 rejected"),
    (Step.MAIL, "550 5.1.1 no such sender"),
    (Step.MAIL, "553 5.7.1 Sender not allowed"),
    (Step.MAIL, "550 who are you"),
    (Step.RCPT, "550 relay not permitted"),
    (Step.RCPT, "550 Blocked by our policy"),
    (Step.RCPT, "550 SPF check failed"),
    (Step.RCPT, "550 Sending limit reached"),
    (Step.RCPT, "550 Mail quota exceeded"),
    (Step.RCPT, "553 sorry, that domain isn't in my list of allowed rcpthosts"),
    (Step.RCPT, "550 5.4.1 Recipient address rejected: Access denied"),
    (Step.RCPT, "552 5.5.0 no"),
    (Step.RCPT, "550 #5.7.1 no such user for you"),
    (Step.RCPT, "550 (5.7.1) user unknown to the block"),
    (Step.RCPT, "550 [5.7.1] unknown user"),
    (Step.RCPT, "550 Error: 5.4.5 no such user today"),
    (Step.RCPT, "550 Outgoing mail from this account has been suspended"),
    (Step.RCPT, "550 Unauthorized"),
    (Step.RCPT, "550 Your host is not permitted"),
    (Step.RCPT, "550 Domain of MAIL FROM does not resolve"),
    (Step.RCPT, "550 Maximum number of messages reached"),
    (Step.RCPT, "550 Message rejected"),
    (Step.RCPT, "550 Service unavailable"),
    (Step.RCPT, "550 no"),
]
LATER = [
    (Step.RCPT, "450 4.2.0 Greylisted"),
    (Step.RCPT, "451 4.7.1 Greylisting in action, come back later"),
    (Step.RCPT, "450 4.2.1 The user is receiving mail too quickly"),
    (Step.DATA, "451 Local error"),
    (Step.RCPT, "552 5.2.2 The mailbox is full"),
    (Step.RCPT, "452 4.2.2 The mailbox is full"),
]
BUSY = [
    (Step.RCPT, "421 4.3.2 Too many connections"),
    (Step.DATA, "452 4.3.1 Insufficient system storage"),
    (Step.RCPT, "452 4.5.3 Too many recipients"),
    (Step.DATA, "450 4.7.28 An unusual rate of mail from you; slow down"),
    (Step.MAIL, "450 4.7.1 Throttled"),
    (Step.MAIL, "451 4.3.0 Try later"),
]
CONNECTION = [
    (Step.LOGIN, "535 5.7.8 Bad password"),
    (Step.CONNECT, "554 No service here"),
    (Step.CONNECT, "421 Too many of you"),
    (Step.MAIL, "530 5.7.0 Must issue STARTTLS first"),
    (Step.RCPT, "530 5.7.57 Client not authenticated"),
]
TOO_BIG = [
    (Step.MAIL, "552 5.3.4 Message too big"),
    (Step.DATA, "552 Too much mail data"),
    (Step.RCPT, "550 5.2.3 Message too large for this mailbox"),
]


def judged(step: Step, reply: str) -> object:
    code, _, words = reply.partition(" ")
    error = error_of(step, int(code), words, reply)
    assert error.reply == reply
    return getattr(error, "scope", type(error))


@pytest.mark.parametrize(
    ("expected", "step", "reply"),
    [
        (expected, *row)
        for expected, rows in (
            (MailRefused, RECIPIENT),
            (MailDeferred, LATER),
            (TroubleScope.SERVER, OPERATOR),
            (TroubleScope.BUSY, BUSY),
            (TroubleScope.CONNECTION, CONNECTION),
            (TroubleScope.MAIL, TOO_BIG),
        )
        for row in rows
    ],
)
def test_a_reply_tells_whose_it_is_to_mend(
    expected: object, step: Step, reply: str
) -> None:
    """Only what says that there is no such recipient is final."""
    assert judged(step, reply) == expected


def test_every_trouble_is_worth_another_try() -> None:
    """Whoever defers a mail defers it for the operator's trouble as well."""
    assert issubclass(MailServerTrouble, MailDeferred)


def test_replies_of_one_cause_are_known_by_their_codes() -> None:
    """The rest of a reply changes from mail to mail."""
    first = same_reply("550 5.4.5 Daily quota exceeded a1 - gsmtp")
    assert first == same_reply("550 5.4.5 Daily quota exceeded b2 - gsmtp")
    assert first != same_reply("550 5.7.1 Relay access denied")
    assert same_reply("mail.example broke off") == "mail.example broke off"
    assert enhanced_code("5.1.10 no") == "5.1.10"
    assert enhanced_code("#5.1.10 no") == "5.1.10"
    assert enhanced_code("the host 5.1.1 says") == ""
    assert enhanced_code("5.1.1.1 is an address") == ""
