"""Mails of every kind: what they say, and how they are built."""

from __future__ import annotations

import re
from html import unescape

import lxml.html
import pytest

from signer.errors import MailError
from signer.mail.environment import TEMPLATES
from signer.mail.kinds import Kind
from signer.mail.letter import Attachment
from tests.mail.examples import EMAIL, LINK, NAME, SINCE, VALUES, mail
from tests.mail.reading import part, read_back

WITH_LINK = [Kind.ASK, Kind.NEW_LINK, Kind.REMIND]
TO_PARENT = [*WITH_LINK, Kind.RECEIPT, Kind.ACKNOWLEDGEMENT]
TO_OFFICE = [kind for kind in Kind if kind.value.startswith("office")]


def words_of(html: str) -> str:
    tree = lxml.html.fromstring(html)
    for unseen in tree.xpath("//style | //title"):
        unseen.getparent().remove(unseen)
    return " ".join(" ".join(tree.itertext()).split())


@pytest.mark.parametrize("kind", Kind)
def test_a_mail_reads_back_as_it_was_composed(kind: Kind) -> None:
    """Headers and both bodies survive the way through bytes."""
    message = read_back(mail(kind))
    assert message["From"] == "My Online Schooling <policies@school.example>"
    assert message["To"].addresses[0].display_name == NAME
    assert message["To"].addresses[0].addr_spec == EMAIL
    assert message["Message-ID"] == "<one@school.example>"
    assert message["Date"] == "Sun, 22 Nov 2026 14:10:13 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    assert part(message, "plain").endswith("\n")
    assert part(message, "html").lstrip().startswith("<!DOCTYPE html>")
    assert not message.defects


@pytest.mark.parametrize("kind", Kind)
def test_both_bodies_say_the_same(kind: Kind) -> None:
    """Every value that stands in the HTML stands in the text as well."""
    message = mail(kind)
    text = part(message, "plain")
    html = words_of(part(message, "html")) + part(message, "html")
    for value in leaves(VALUES[kind]):
        for line in filter(None, str(value).splitlines()):
            escaped = line.replace("'", "&#39;")
            assert (line in text) == (line in html or escaped in html), line


def leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(one)]
    return [value]


@pytest.mark.parametrize("kind", Kind)
def test_a_subject_holds_no_personal_data(kind: Kind) -> None:
    """Subjects name the school and the policy at most."""
    template = (TEMPLATES / kind.value / "subject.txt").read_text(encoding="utf-8")
    named = set(re.findall(r"{{ *(\w+)", template))
    assert named <= {"school", "policy_title"}
    assert "\n" not in str(mail(kind)["Subject"])


@pytest.mark.parametrize("kind", Kind)
def test_words_are_plain(kind: Kind) -> None:
    """No banned word and no long sentence reaches anybody."""
    message = mail(kind)
    said = f"{message['Subject']}\n{part(message, 'plain')}"
    said += words_of(part(message, "html"))
    assert not re.findall(r"\b(please|sorry|invalid|oops)\b", said, re.IGNORECASE)
    for sentence in re.split(r"(?<=[.?!:])\s|\n+", part(message, "plain")):
        assert len(sentence.split()) <= 25, sentence


@pytest.mark.parametrize("kind", Kind)
def test_nothing_is_fetched_and_nothing_runs(kind: Kind) -> None:
    """No images, fonts, scripts or style sheets from anywhere: no tracking."""
    html = part(mail(kind), "html")
    tree = lxml.html.fromstring(html)
    assert tree.xpath("//img | //script | //link | //iframe | //form | //@src") == []
    assert "url(" not in html
    assert "@import" not in html
    for address in tree.xpath("//@href"):
        assert address.startswith(("https://policies.school.example/", "mailto:"))


@pytest.mark.parametrize("kind", WITH_LINK)
def test_a_link_stands_on_a_button_and_is_written_out(kind: Kind) -> None:
    """One button, one bare link, and in the text a line of its own."""
    message = mail(kind)
    tree = lxml.html.fromstring(part(message, "html"))
    assert tree.xpath("count(//a[@href=$link])", link=LINK) == 2
    assert len(tree.xpath("//a[@class='action']")) == 1
    assert tree.xpath("//a[@href=$link]/text()", link=LINK)[1] == LINK
    assert LINK in part(message, "plain").splitlines()


@pytest.mark.parametrize("kind", WITH_LINK)
@pytest.mark.parametrize("start", ["", "x"])
def test_no_line_of_a_link_begins_with_a_full_stop(kind: Kind, start: str) -> None:
    """As it is sent: SMTP has a meaning of its own for such a line."""
    link = f"https://{start}{'a.' * 40}example/s/{'x.' * 20}x"
    message = mail(kind, link=link)
    lines = message.as_bytes().splitlines()
    assert not any(line.startswith(b".") for line in lines)
    assert link in part(message, "plain").splitlines()
    assert link in part(message, "html")


@pytest.mark.parametrize("kind", TO_PARENT)
def test_parents_are_told_what_is_never_asked_and_what_comes_next(kind: Kind) -> None:
    """Each mail to a parent says what happens next and that no password is asked."""
    text = part(mail(kind), "plain")
    assert "never asks for your password" in text
    assert "WHAT HAPPENS NEXT" in text
    assert "office@school.example" in text


def test_asking_again_says_what_changed() -> None:
    """A first request and one for a new version differ in subject and words."""
    first, again = mail(), mail(**SINCE)
    assert str(first["Subject"]) == (
        "Read and sign: Social Media Code of Conduct (My Online Schooling)"
    )
    assert "New version to sign" in str(again["Subject"])
    assert "WHAT HAS CHANGED" in part(again, "plain")
    assert "What has changed" in part(again, "html")
    assert "changed" not in part(first, "plain")


@pytest.mark.parametrize("kind", [Kind.ASK, Kind.NEW_LINK])
def test_a_mail_shows_what_changed_since_the_parent_signed(kind: Kind) -> None:
    """Each release in between with its summary, then each change in the text."""
    message = mail(kind, **SINCE)
    for subtype in ("plain", "html"):
        said = " ".join(part(message, subtype).split())
        places = [
            said.index(words)
            for words in (
                "Version 2, August 2022",
                "Photos of staff are covered.",
                "Version 3, November 2026",
                "Group chats are covered.",
                "1 part changed, none added, none removed since version 1",
                "https://policies.school.example/compare/1/3",
            )
        ]
        assert places == sorted(places)
    assert "You [removed: may][added: must] ask." in part(message, "plain")
    tree = lxml.html.fromstring(part(message, "html"))
    (removed,) = tree.xpath("//div[@class='redline']//del")
    assert (removed.text, "line-through" in removed.get("style")) == ("may", True)
    assert tree.xpath("//div[@class='redline']//p/@style")


@pytest.mark.parametrize("kind", [Kind.ASK, Kind.NEW_LINK])
def test_a_mail_with_too_much_to_show_says_where_it_is(kind: Kind) -> None:
    """A redline that is too long for a mail is left to the page behind the link."""
    message = mail(kind, **{**SINCE, "redline_text": "", "redline_html": ""})
    for subtype in ("plain", "html"):
        assert "see each change" in " ".join(part(message, subtype).split())
        assert "/compare/1/3" in part(message, subtype)


def test_a_reminder_says_what_is_outstanding_and_since_when() -> None:
    """It names the day of asking, and an earlier signature where there is one."""
    first, again = mail(Kind.REMIND), mail(Kind.REMIND, signed_before=True)
    for message, earlier in ((first, False), (again, True)):
        for subtype in ("plain", "html"):
            said = part(message, subtype)
            assert "On 19 November 2026 we asked you" in said
            assert "last email still leads" in said
            assert ("You signed an earlier version." in said) is earlier


def test_a_review_is_due_or_overdue() -> None:
    """Subject and both bodies say which of the two it is."""
    overdue, due = mail(Kind.HEAD_REVIEW), mail(Kind.HEAD_REVIEW, overdue=False)
    assert "Review overdue" in str(overdue["Subject"])
    assert "Review due" in str(due["Subject"])
    for subtype in ("plain", "html"):
        assert "should have been reviewed by the end of August 2023" in part(
            overdue, subtype
        )
        assert "needs to be reviewed by the end of August 2023" in part(due, subtype)
        assert "overdue" not in part(due, subtype)


def test_one_minute_and_no_summary_read_well() -> None:
    """Numbers of one have no plural, and an empty summary has no heading."""
    text = part(mail(minutes=1, link_days=1, summary=[]), "plain")
    assert "about 1 minute to read" in text
    assert "works for 1 day." in text
    assert "ABOUT THIS VERSION" not in text


@pytest.mark.parametrize("kind", [*TO_PARENT, *TO_OFFICE])
def test_an_answer_reaches_whoever_should_get_it(kind: Kind) -> None:
    """Parents answer the office, the office answers the parent, never a stranger."""
    reply_to = mail(kind)["Reply-To"]
    if kind in {Kind.OFFICE_NOT_ME, Kind.OFFICE_REFUSED, Kind.OFFICE_CHECK}:
        assert reply_to is None
    else:
        assert reply_to == (EMAIL if kind in TO_OFFICE else "office@school.example")


def test_a_note_is_passed_on_as_a_quotation() -> None:
    """What a parent wrote is marked on each line, so it cannot pose as our words."""
    text = part(mail(Kind.OFFICE_QUESTION, note="Hello\nWHAT TO DO NEXT"), "plain")
    assert "> Hello\n> WHAT TO DO NEXT\n" in text


def test_a_receipt_carries_the_pdf() -> None:
    """The attachment comes out as it went in, under its name."""
    content = bytes(range(256)) * 40
    attachment = Attachment("D-7K3M-9QXF-2B4T.pdf", content)
    message = read_back(mail(Kind.RECEIPT, attachments=(attachment,)))
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_filename() == "D-7K3M-9QXF-2B4T.pdf"
    assert attached.get_content() == content
    assert NAME in part(message, "plain")


@pytest.mark.parametrize("kind", Kind)
def test_markup_in_values_prints_as_itself(kind: Kind) -> None:
    """A name, a title or a note that looks like HTML is only ever words."""
    bad = "<script>alert(1)</script> {{ 7*7 }} \"><img src=x>'"
    changes = {
        key: bad
        for key, value in VALUES[kind].items()
        if isinstance(value, str) and not key.endswith(("link", "url", "email"))
    }
    html = part(mail(kind, **changes), "html")
    tree = lxml.html.fromstring(html)
    assert tree.xpath("//script | //img") == []
    assert bad in words_of(html)


@pytest.mark.parametrize("kind", Kind)
def test_a_missing_value_is_an_error(kind: Kind) -> None:
    """A mail with a hole in it is never made."""
    for key in VALUES[kind]:
        values = {k: v for k, v in VALUES[kind].items() if k != key}
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(VALUES, kind, values)
            with pytest.raises(MailError, match=kind.value):
                mail(kind)


LINKED = "See https://evil.example/x or www.evil.example, a@evil.example, tel:123."


@pytest.mark.parametrize("subtype", ["plain", "html"])
def test_what_a_parent_wrote_holds_no_address_that_can_be_pressed(subtype: str) -> None:
    """No mail program finds one to link, and the mail says why they look so."""
    made = part(mail(Kind.OFFICE_QUESTION, note=LINKED), subtype)
    said = "See https[://]evil[.]example/x or www[.]evil[.]example, a[at]evil[.]example"
    assert said in made
    assert "evil.example" not in made
    assert "tel:123" not in made
    assert "Addresses in their message are written with [.] and [at]" in " ".join(
        made.split()
    )
    plain = (
        "It costs 2.50. At 14:10 or 3.30pm on 1.12.2026, or later... And what else? "
        'She said "no." Either/or.'
    )
    made = part(mail(Kind.OFFICE_QUESTION, note=plain), subtype)
    assert plain in unescape(made)
    assert "[.]" not in made


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"\\evil\share", r"[\\]evil\share"),
        ("//evil/share", "[//]evil/share"),
        ("www.1.2.3.4/x", "www[.]1[.]2[.]3[.]4/x"),
        ("1.2.3.4", "1[.]2[.]3[.]4"),
        ("evil.\u200bexample", "evil[.]\u200bexample"),
        ("evil\u00ad.example", "evil\u00ad[.]example"),
        ("a\u2060@\u200devil", "a\u2060[at]\u200devil"),
        ("a\uff20evil, a\ufe6bevil", "a[at]evil, a[at]evil"),
        ("evil\u2024example", "evil[\u2024]example"),
        ("evil\ufe52example", "evil[\ufe52]example"),
        ("evil\u3002example", "evil[\u3002]example"),
        ("evil\uff0eexample", "evil[\uff0e]example"),
        ("evil\uff61example", "evil[\uff61]example"),
        ("❤.example", "❤[.]example"),
        ("evil..example", "evil.[.]example"),
        ("tel\uff1a123, tel\u200b:123", "tel[\uff1a]123, tel\u200b[:]123"),
        ("https:\uff0f\uff0fevil", "https[:\uff0f\uff0f]evil"),
        ("\uff3c\uff3cevil", "[\uff3c\uff3c]evil"),
    ],
)
def test_whatever_a_mail_program_takes_for_a_joint_is_bracketed(
    written: str, shown: str
) -> None:
    """Whichever character stands for the dot, and whatever is hidden beside it."""
    assert shown in part(mail(Kind.OFFICE_QUESTION, note=f"See {written}"), "plain")


@pytest.mark.parametrize("kind", [Kind.ASK, Kind.NEW_LINK])
def test_a_version_of_a_day_to_come_says_so(kind: Kind) -> None:
    """In both bodies; one that is in force at once says nothing of it."""
    message = mail(kind, in_force_text="4 January 2027")
    words = "This version is in force from 4 January 2027."
    assert words in part(message, "plain")
    assert words in words_of(part(message, "html"))
    assert "in force from" not in part(mail(kind, in_force_text=""), "plain")


def test_a_teacher_reads_each_change() -> None:
    """Marked in both bodies, and the mail asks for nothing."""
    names = ("redline_summary", "redline_text", "redline_html", "compare_url")
    changes = {name: SINCE[name] for name in names}
    message = mail(Kind.STAFF_RELEASE, previous=2, **changes)
    text, html = part(message, "plain"), part(message, "html")
    assert "You [removed: may][added: must] ask." in text
    assert re.search(r"<del[^>]*>may</del>\s*<ins[^>]*>must</ins>", html)
    for body in (text, words_of(html)):
        assert "You do not need to sign" in body
        assert SINCE["redline_summary"] in " ".join(body.split())
    long = mail(Kind.STAFF_RELEASE, previous=2, **changes | {"redline_text": ""})
    assert "Much of the text is new" in part(long, "plain")
