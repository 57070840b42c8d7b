"""Bounces as the usual mail servers write them, of a mail that was never sent."""

from __future__ import annotations

REF = "0123456789abcdef01234567"
MESSAGE_ID = f"<{REF}@policies.example>"
EMAIL = "amira.khan@example.org"

_OURS = f"""\
From: My Online Schooling <policies@my-online-schooling.example>
To: Amira Khan <{EMAIL}>
Subject: Code of conduct
Message-ID: {MESSAGE_ID}
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"

A link to sign.
"""
_HEADERS = _OURS.partition("\n\n")[0] + "\n"


def report(
    *,
    status: str,
    diagnostic: str,
    action: str = "failed",
    returned: str = "message/rfc822",
    email: str = EMAIL,
    headers: str = "",
    original: str = "",
    ours: str = _OURS,
) -> bytes:
    """A delivery status notification in the form of RFC 3464."""
    content = ours if returned.endswith(("822", "global")) else _HEADERS
    original = f"Original-Recipient: rfc822;{original}\n" if original else ""
    return f"""\
Return-Path: <>
Date: Sun, 22 Nov 2026 14:12:00 +0000
From: MAILER-DAEMON@relay.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: policies@my-online-schooling.example
Auto-Submitted: auto-replied
{headers}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="AAA.1/relay.example"
Message-Id: <20261122141200.AAA@relay.example>

This is a MIME-encapsulated message.

--AAA.1/relay.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I could not deliver your message to {email}.

--AAA.1/relay.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
X-Queue-ID: AAA
Arrival-Date: Sun, 22 Nov 2026 14:11:58 +0000

{original}Final-Recipient: rfc822; {email}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; {diagnostic}

--AAA.1/relay.example
Content-Description: Undelivered Message
Content-Type: {returned}

{content}
--AAA.1/relay.example--
""".replace("\n", "\r\n").encode()


POSTFIX = report(
    status="5.1.1",
    diagnostic=f"550 5.1.1 <{EMAIL}>: Recipient address\n    rejected: User unknown",
)
POSTFIX_HEADERS = report(
    status="5.1.1", diagnostic="550 no", returned="text/rfc822-headers"
)
POSTFIX_DELAYED = report(
    status="4.4.1",
    action="delayed",
    diagnostic="connect to mx.example.org[192.0.2.1]:25: Connection timed out",
    returned="text/rfc822-headers",
)

GMAIL = f"""\
Delivered-To: policies@my-online-schooling.example
From: Mail Delivery Subsystem <mailer-daemon@gmail.example>
To: policies@my-online-schooling.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {MESSAGE_ID}
In-Reply-To: {MESSAGE_ID}
X-Failed-Recipients: {EMAIL}
MIME-Version: 1.0
Content-Type: multipart/report; boundary="00000000000055"; report-type=delivery-status

--00000000000055
Content-Type: multipart/related; boundary="00000000000066"

--00000000000066
Content-Type: multipart/alternative; boundary="00000000000077"

--00000000000077
Content-Type: text/plain; charset="UTF-8"

** Address not found **

--00000000000077--
--00000000000066--
--00000000000055
Content-Type: message/delivery-status

Reporting-MTA: dns; gmail.example
Received-From-MTA: dns; policies@my-online-schooling.example

Final-Recipient: rfc822; {EMAIL}
Action: failed
Status: 5.1.1
Remote-MTA: dns; gmail-smtp-in.example. (192.0.2.27, the server for the domain.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach is not
 there. 550 5.1.1 Check the address.
Last-Attempt-Date: Sun, 22 Nov 2026 06:12:00 -0800 (PST)

--00000000000055
Content-Type: message/rfc822

{_OURS}
--00000000000055--
""".encode()

# Exchange names the mailbox's own address, and the one that was written to beside it.
EXCHANGE = report(
    status="5.1.10",
    diagnostic="550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP lookup",
    email="ak1234@tenant.example",
    original=EMAIL.title(),
    headers=f"In-Reply-To: {MESSAGE_ID}\nX-MS-Exchange-Message-Is-Ndr:\n",
)

EXIM = f"""\
Return-path: <>
X-Failed-Recipients: {EMAIL}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@exim.example>
To: policies@my-online-schooling.example
Subject: Mail delivery failed: returning message to sender

This message was made by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {EMAIL}
    host mx.example.org [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<{EMAIL}>:
    550 5.1.1 {EMAIL}: User unknown

------ This is a copy of the message, including all the headers. ------

Return-path: <policies@my-online-schooling.example>
{_OURS}""".encode()

EXIM_DELAYED = f"""\
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@exim.example>
To: policies@my-online-schooling.example
Subject: Warning: message 1abc delayed 24 hours

A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours. The message identifier is {MESSAGE_ID}.

No action is required on your part.
""".encode()

QMAIL = f"""\
From: MAILER-DAEMON@qmail.example
To: policies@my-online-schooling.example
Subject: failure notice

Hi. This is the qmail-send program at qmail.example.
I could not deliver your message to the following addresses.

<{EMAIL}>:
192.0.2.1 does not like recipient.
Remote host said: 550 no mailbox here by that name. (#5.1.1)
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

Return-Path: <policies@my-online-schooling.example>
{_OURS}""".encode()

OUT_OF_OFFICE = f"""\
From: Amira Khan <{EMAIL}>
To: policies@my-online-schooling.example
Subject: Automatic reply: Code of conduct
Auto-Submitted: auto-replied
In-Reply-To: {MESSAGE_ID}
Content-Type: text/plain; charset=utf-8

I am away. 550 5.1.1 is my room.
""".encode()

CHALLENGE = f"""\
Return-Path: <>
From: {EMAIL}
To: policies+{REF}@my-online-schooling.example
Subject: Confirm that you are a person
References: {MESSAGE_ID}

Press here, and your message is delivered.
""".encode()

READ_RECEIPT = f"""\
From: Amira Khan <{EMAIL}>
To: policies@my-online-schooling.example
Subject: Read: Code of conduct
Content-Type: multipart/report; report-type=disposition-notification; boundary="b"

--b
Content-Type: text/plain

It was shown.
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; {EMAIL}
Original-Message-ID: {MESSAGE_ID}
Disposition: manual-action/MDN-sent-manually; displayed
--b--
""".encode()
