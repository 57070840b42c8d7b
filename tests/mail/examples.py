"""Values for every kind of mail, as workflows give them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from signer.i18n import ENGLISH
from signer.mail.compose import compose
from signer.mail.kinds import Kind

if TYPE_CHECKING:
    from email.message import EmailMessage

AT = datetime(2026, 11, 22, 14, 10, 13, tzinfo=UTC)
SENDER = "My Online Schooling <policies@school.example>"
NAME = "Anna O'Brien"
EMAIL = "anna.obrien@families.example"
LINK = f"https://policies.school.example/s/{'Ik' * 45}"
_POLICY = {
    "school": "My Online Schooling",
    "parent_name": NAME,
    "policy_title": "Social Media Code of Conduct",
    "version": 2,
    "label": "August 2022",
    "office_email": "office@school.example",
}
_LINK = {
    **_POLICY,
    "summary": ["Photos of staff are covered.", "The wording is plainer."],
    "link": LINK,
    "site_url": "https://policies.school.example",
    "minutes": 9,
    "link_days": 90,
}
SINCE: dict[str, Any] = {
    "signed_before": True,
    "since": {"version": 1, "label": "August 2021"},
    "releases": [
        {"version": 2, "label": "August 2022", "summary": _LINK["summary"]},
        {
            "version": 3,
            "label": "November 2026",
            "summary": ["Group chats are covered."],
        },
    ],
    "redline_summary": "1 part changed, none added, none removed",
    "redline_text": "Changed: You [removed: may][added: must] ask.",
    "redline_html": '<div class="redline"><h2 id="redline-a">Asking</h2>'
    '<p class="redline-changed">You <del>may</del><ins>must</ins> ask.</p></div>',
    "compare_url": "https://policies.school.example/compare/1/3",
}
"""For a mail to a parent who signed version 1, besides the values of its kind."""
_DECLARATION = {
    **_POLICY,
    "typed_name": NAME,
    "declaration_id": "D-7K3M-9QXF-2B4T",
    "signed_at_text": "22 November 2026, 14:10 GMT",
    "children": [
        {"name": "Niamh O'Brien", "year_group": "Year 5"},
        {"name": "Sean O'Brien", "year_group": "Year 8"},
    ],
    "verify_url": "https://policies.school.example/verify",
    "version_url": "https://policies.school.example/versions/2/",
}
_OFFICE = {
    "school": "My Online Schooling",
    "parent_name": NAME,
    "parent_email": EMAIL,
    "policy_title": "Social Media Code of Conduct",
    "version": 2,
    "at_text": "22 November 2026, 14:10 GMT",
    "note": "What is a private group?\n\nDoes the class chat count?",
    "command": "signer record-paper",
}
_SIGNED = {
    "policy_title": "Social Media Code of Conduct",
    "version": 2,
    "label": "August 2022",
    "version_url": "https://policies.school.example/versions/2/",
}
VALUES: dict[Kind, dict[str, Any]] = {
    Kind.ASK: _LINK | {"deadline_text": "18 December 2026", "overdue": False},
    Kind.NEW_LINK: _LINK,
    Kind.ANSWER: {
        "school": "My Online Schooling",
        "parent_name": NAME,
        "policy_title": "Social Media Code of Conduct",
        "told_text": "22 November 2026",
        "words": "A group that only members can see.\nSo is the class chat.\n\nSam",
        "office_email": "office@school.example",
    },
    Kind.ERASURE: {
        "school": "My Online Schooling",
        "parent_name": NAME,
        "erased_text": "22 November 2026",
        "left_text": "",
        "declarations": ["D-7K3M-9QXF-2B4T", "D-9QXF-2B4T-7K3M"],
        "verify_url": "https://policies.school.example/verify",
        "office_email": "office@school.example",
    },
    Kind.YEARLY: {
        "school": "My Online Schooling",
        "parent_name": NAME,
        "parent_email": EMAIL,
        "children": _DECLARATION["children"],
        "declarations": [
            _SIGNED
            | {
                "answer": "proved",
                "reference": "D-7K3M-9QXF-2B4T",
                "signed_text": "22 November 2026, 14:10 GMT",
                "sealed_text": "22 November 2026",
                "stamped": True,
                "entry": 1041,
                "head_size": 1234,
                "head_text": "23 November 2026",
            },
            _SIGNED
            | {
                "answer": "lost",
                "reference": "D-9QXF-2B4T-7K3M",
                "signed_text": "14 August 2026, 09:00 BST",
                "sealed_text": "14 August 2026",
                "stamped": False,
            },
            _SIGNED
            | {
                "answer": "paper",
                "reference": "",
                "signed_text": "3 May 2026",
                "recorded_text": "5 May 2026",
                "scanned": True,
            },
        ],
        "requests": [_SIGNED | {"status": "declined", "asked_text": "4 May 2025"}],
        "need_not_sign": True,
        "kept_longer": True,
        "log_in_doubt": True,
        "with_proofs": True,
        "today_text": "1 October 2027",
        "years_declarations": 6,
        "years_unsigned": 1,
        "years_parents": 1,
        "verify_url": "https://policies.school.example/verify",
        "privacy_url": "https://policies.school.example/privacy/",
        "office_email": "office@school.example",
        "office_phone": "+44 20 7946 0000",
    },
    Kind.REMIND: {key: value for key, value in _LINK.items() if key != "summary"}
    | {
        "asked_text": "19 November 2026",
        "deadline_text": "20 November 2026",
        "overdue": True,
    },
    Kind.RECEIPT: _DECLARATION | {"with_proof": True},
    Kind.ACKNOWLEDGEMENT: _DECLARATION,
    Kind.OFFICE_DECLINE: _OFFICE,
    Kind.OFFICE_QUESTION: _OFFICE,
    Kind.OFFICE_NOT_ME: _OFFICE,
    Kind.OFFICE_PAPER: _OFFICE,
    Kind.OFFICE_NAME: _OFFICE | {"note": "A. J. Khan"},
    Kind.OFFICE_REFUSED: _OFFICE
    | {"note": "550 5.1.1 no such mailbox", "bounced": True},
    Kind.HEAD_ALARM: {
        "school": "My Online Schooling",
        "problem": "3 signed declarations have no seal yet.",
        "what_to_do": "Ask whoever runs the service to look at the seal's key.",
        "every": "day",
    },
    Kind.HEAD_REVIEW: {
        "school": "My Online Schooling",
        "policy_title": "Social Media Code of Conduct",
        "version": 2,
        "label": "August 2022",
        "month_text": "August 2023",
        "overdue": True,
        "guide_url": "https://policies.school.example/guides/headteacher/",
    },
    Kind.HEAD_RETENTION: {
        "school": "My Online Schooling",
        "deleted": [("notes", 2), ("declarations", 7)],
        "coming": [("unsigned", 3)],
        "until_text": "6 January 2027",
        "notice_days": 14,
        "held": 1,
        "guide_url": "https://policies.school.example/guides/headteacher/",
    },
    Kind.STAFF_RELEASE: {
        "school": "My Online Schooling",
        "staff_name": NAME,
        "policy_title": "Social Media Code of Conduct",
        "version": 3,
        "label": "November 2026",
        "released_text": "22 November 2026",
        "in_force_text": "4 January 2027",
        "summary": ["Group chats are covered."],
        "version_url": "https://policies.school.example/versions/3/",
        "office_email": "office@school.example",
        "previous": None,
    },
    Kind.WITNESS: {
        "school": "My Online Schooling",
        "origin": "policies.school.example/log",
        "size": 1234,
        "root": "5e" * 32,
        "signed_at_text": "22 November 2026, 14:10 GMT",
        "stamped": True,
        "verifier": f"policies.school.example/log+0a1b2c3d+{'A' * 44}",
        "log_url": "https://policies.school.example/log/",
        "guide_url": "https://policies.school.example/guides/auditors/",
        "office_email": "office@school.example",
    },
    Kind.DESK_SIGN_IN: {
        "school": "My Online Schooling",
        "staff_name": "Ada Byron",
        "link": "https://policies.school.example/desk/in/token",
        "minutes": 10,
        "office_email": "office@school.example",
    },
    Kind.DRAFT_REVIEW: {
        "school": "My Online Schooling",
        "staff_name": "Ada Byron",
        "asked_by": "Helen Marsh",
        "review_url": "https://policies.school.example/desk/text/review",
        "office_email": "office@school.example",
    },
    Kind.OFFICE_CHECK: {
        "school": "My Online Schooling",
        "code": "042117",
        "checklist_url": "https://policies.school.example/desk/checklist",
    },
    Kind.DESK_DIGEST: {
        "school": "My Online Schooling",
        "staff_name": "Ada Byron",
        "policy_title": "Social Media Code of Conduct",
        "version": 2,
        "label": "August 2022",
        "numbers": [
            ("asked", 187),
            ("signed", 120),
            ("outstanding", 60),
            ("declined", 2),
            ("bounced", 5),
        ],
        "waiting": [
            ("2 questions to answer", "https://policies.school.example/desk/inbox")
        ],
        "due": [
            (
                "Next review: by the end of August 2027.",
                "https://policies.school.example/desk/text",
            )
        ],
        "trouble": 1,
        "desk_url": "https://policies.school.example/desk/",
        "account_url": "https://policies.school.example/desk/account",
        "weekday": "Monday",
    },
    Kind.STAFF_OVERDUE: {
        "school": "My Online Schooling",
        "policy_title": "Social Media Code of Conduct",
        "version": 2,
        "label": "August 2022",
        "deadline_text": "18 December 2026",
        "count": 3,
        "groups": [
            {
                "year_group": "Year 5",
                "count": 1,
                "people": ["Amira Khan (Leila Khan, Yusuf Khan)"],
            },
            {
                "year_group": "Year 10",
                "count": 2,
                "people": ["Anna O'Brien (Maeve O'Brien)", "Tom Lee (Bo Lee)"],
            },
        ],
        "named": True,
        "office_email": "office@school.example",
    },
}


def mail(kind: Kind = Kind.ASK, **changes: Any) -> EmailMessage:
    """A mail of a kind; changes are arguments of `compose`, or values of the kind."""
    given: dict[str, Any] = {
        "sender": SENDER,
        "to_name": NAME,
        "to_email": EMAIL,
        "message_id": "<one@school.example>",
        "at": AT,
        "attachments": (),
        "language": ENGLISH,
    }
    arguments = given | {k: v for k, v in changes.items() if k in given}
    values = VALUES[kind] | {k: v for k, v in changes.items() if k not in given}
    return compose(kind, values=values, **arguments)
