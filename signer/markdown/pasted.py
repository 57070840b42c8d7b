"""What a word processor pastes, and Markdown does not know: each with its remedy.

Markdown shows such signs as they are, and the signs that a reader knows for a list, for
bold or for a link are none. In the text of a policy they are found before it is signed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from lxml import html as lxml_html

from signer.look_alikes import alphabet, as_seen, foreign_letter
from signer.markdown.rendering import render

Found = tuple[int, str, str]
"""A line, counted from 1; what stands in it; what to write instead."""

_LIST_ITEM = 'begin the line with "- "'
_PLAIN_SPACE = "write a plain space"
_REMOVE = "remove it"

_QUOTED = r"^((?:> ?)*\s*(?:[-*+]\s+)?)"
# Bullets as they are pasted; those of Word's symbol fonts are of no alphabet at all.
_BULLET = re.compile(
    _QUOTED + "([•·‣⁃∙◦●○▪▫■□◆◇►▸▶➢➤❖✓✔✗✘☐☑☒"  # noqa: RUF001 - these are meant
    "\uf0a7\uf0a8\uf0b7\uf0d8\uf0fc\uf076]|o(?=[\t ]+\\S))\\s*"
)
_DASH = re.compile(_QUOTED + r"[\u2010-\u2015\u2212](?=\s)\s*")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format, surrogate, private, unassigned; separators of lines, paragraphs."""
_JOINERS = frozenset("\u200c\u200d")  # Persian, Hindi and emoji need them
_NAMED = {
    "\u00a0": ("a no-break space", _PLAIN_SPACE),
    "\u202f": ("a no-break space", _PLAIN_SPACE),
    "\u2007": ("a no-break space", _PLAIN_SPACE),
    "\u2010": ("a hyphen that is not that of the keyboard", "write -"),
    "\u2011": ("a no-break hyphen", "write -"),
    "\u00ad": ("a soft hyphen", _REMOVE),
    "\u000b": ("a word processor's line break", "begin a new paragraph"),
    "\u000c": ("a page break", _REMOVE),
}
_OTHER_FONT = re.compile("[\ufb00-\ufb06\uff01-\uff5e\U0001d400-\U0001d7ff]")
_WORD = re.compile(r"[^\W\d_]+")

# Both begin where nothing of the same kind goes before, or a long word would be read
# again from each of its letters.
_LINK = re.compile(r"\[[^\]\[]*\]\([^)]*\)")
_ADDRESS = re.compile(
    r"https?://\S+|\bwww\.\S+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_MARKS = tuple(
    (re.compile(pattern), what, remedy)
    for pattern, what, remedy in (
        (
            r"^\s*[-*+]\s+\[[ xX]?\](?!\()",
            "a box to tick",
            "write plain words: nobody can tick it",
        ),
        (r"~~", 'the mark "~~"', "remove the words that are struck, or the mark"),
        (r"==", 'the mark "=="', "remove it, or write **words**"),
        (r"\[\^", "a footnote", "write it in the text"),
        (r"_{3,}", "a line to write on", "remove it: nobody can write on it"),
    )
)
_TIME = r"\d{1,2}\.(?:[0-5][05]\s|[0-5]\d\s*(?:[ap]\.?m\b|[\u2013-]|to\b))"
_BY_HAND = re.compile(
    r"^\s*(?:\(?[a-z]{1,4}\)|\(\d+\)|[a-z]\.|"
    rf"(?!{_TIME})\d+(?:\.\d+)+\.?)\s"
)

_OPENING = re.compile(r"^(?:> ?)*\s*(?:#+ +|[-*+] +|\d+\. +)?")
_PARTED = re.compile(r"^(?:> ?)*\s*(?:#+ |[-*+] |\d+\. |\||$)")
_ESCAPED = re.compile(r"\\[*_]")
# As a sign between two numbers, or of a grade ("A*"), a star is no mark.
_LEFT_OVER = re.compile(
    r"(?!(?<=\d )\* \d)(?!(?<=\b[A-E])\*(?![*\w]))\*+|(?<![^\W_])_+|_+(?![^\W_])|\]\("
)
# What no emphasis begins with: "A* to C, not A*".
_NO_OPENING = re.compile(r"[\s,.;:!?)/]")
_STAR = (
    "a star without its partner",
    r"write **words** with the stars close to the words, \* to show one, or remove it",
)
_AS_IT_IS = re.compile(r"\*\*+|\*(?=\w)|(?<=\w)(?<!\b[A-E])\*|~~|==|\]\(")


def in_characters(line: str) -> list[tuple[str, str]]:
    """What each odd character of a line is, and what to write; once for each kind."""
    found: dict[tuple[str, str], None] = {}
    if not unicodedata.is_normalized("NFC", line):
        found["letters not in NFC", "save the file as NFC"] = None
    for character in "" if line.isascii() and line.isprintable() else line:
        if (named := _character(character)) is not None:
            found[named] = None
    for word in _of_two_alphabets(_WORD.findall(line)):
        odd = next(one for one in word if alphabet(one) not in {"", "LATIN"})
        what = f'letters of two alphabets that look alike, in "{word}"'
        found[f"{what} (U+{ord(odd):04X})", "type the word again"] = None
    return list(found)


def in_plain_words(line: str) -> list[tuple[str, str]]:
    """What may not stand in a line that is shown as it is: a title, a statement."""
    found = in_characters(line)
    if mark := _AS_IT_IS.search(line):
        what = f'the mark "{mark[0]}" in words that are shown as they are'
        found.append((what, "remove it: they have no bold and no links"))
    return found


def with_plain_bullets(line: str) -> str:
    """A line with the bullet of Markdown in place of one that was pasted."""
    return _DASH.sub(r"\1- ", _BULLET.sub(r"\1- ", line))


def bullet(line: str) -> tuple[str, str] | None:
    """What a line begins with in place of the bullet of Markdown; None if nothing."""
    if found := _BULLET.match(line):
        sign = found[2] if found[2].isprintable() else f"U+{ord(found[2]):04X}"
        return f'a bullet, "{sign}"', _LIST_ITEM
    return ("a dash for a bullet", _LIST_ITEM) if _DASH.match(line) else None


def marks(lines: Sequence[str]) -> Iterator[Found]:
    """Signs that stand for something elsewhere, and here for themselves."""
    for number, line in enumerate(lines, 1):
        for pattern, what, remedy in _MARKS:
            if pattern.search(line):
                yield number, what, remedy
        for bare, target in bare_addresses(_LINK.sub("", line)):
            yield number, f'the bare address "{bare}"', f"write [words]({target})"
        around = [*lines[max(0, number - 2) : number - 1], *lines[number : number + 1]]
        if _BY_HAND.match(line) and any(map(_BY_HAND.match, around)):
            yield (
                number,
                "a point numbered by hand, within a paragraph",
                "put an empty line before and after it, or make a list: 1.",
            )


def bare_addresses(line: str) -> Iterator[tuple[str, str]]:
    """Each address in a line that is no link, and where its link would lead."""
    for address in _ADDRESS.findall(line):
        bare = address.rstrip(".,;:!?)>\u201d\u2019\"'")
        target = f"mailto:{bare}" if "@" in bare else bare
        if bare.lower().startswith("www."):
            target = f"https://{bare}"
        yield bare, target


def left_over(lines: Sequence[str]) -> Iterator[Found]:
    """Stars, underscores and brackets that would be shown, for want of a partner."""
    for first, block in _blocks(lines):
        text = _ESCAPED.sub("", "\n".join(block))
        if not any(sign in text for sign in "*_["):
            continue
        shown = lxml_html.fragment_fromstring(render(text), create_parent="div")
        if (at := _taken_for_a_pair(block, shown)) is not None:
            yield first + at, *_STAR
            continue
        words = str(shown.text_content())
        for mark in _LEFT_OVER.finditer(words):
            if mark[0].startswith("___"):
                continue  # it is told as a line to write on
            rest = words[mark.start() :].split("\n", maxsplit=1)[0]
            at = next((at for at, one in enumerate(block) if rest in one), 0)
            if mark[0] == "](":
                what, remedy = "a link that is not closed", "write [words](address)"
            elif mark[0][0] == "*":
                what, remedy = _STAR
            else:
                what, remedy = "an underscore without its partner", _REMOVE
            yield first + at, what, remedy
            break


def _taken_for_a_pair(block: Sequence[str], shown: lxml_html.HtmlElement) -> int | None:
    """The line whose stars are shown as emphasis of what is between two grades."""
    for element in shown.iter("em", "strong"):
        words = str(element.text_content()).split("\n", maxsplit=1)[0]
        if _NO_OPENING.match(words):
            return next((at for at, one in enumerate(block) if f"*{words}" in one), 0)
    return None


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Lines that Markdown reads together, without what they begin with."""
    first, block = 1, list[str]()
    for number, line in enumerate(lines, 1):
        if _PARTED.match(line) and block:
            yield first, block
            block = []
        if line.strip():
            first = first if block else number
            block.append(_OPENING.sub("", line))
    if block:
        yield first, block


def _character(character: str) -> tuple[str, str] | None:
    if character in _JOINERS or character in " \t":
        return None
    code = f"U+{ord(character):04X}"
    category = unicodedata.category(character)
    if character in _NAMED:
        name, remedy = _NAMED[character]
        return f"{name}, {code}", remedy
    if category in _UNSEEN:
        return f"an unseen character, {code}", _REMOVE
    if category == "Zs":
        return f"a space of another width, {code}", _PLAIN_SPACE
    if _OTHER_FONT.match(character):
        plain = unicodedata.normalize("NFKC", character)
        return f'"{character}", which is no plain letter ({code})', f'write "{plain}"'
    return None


def _of_two_alphabets(words: Sequence[str]) -> Iterator[str]:
    """Words of two alphabets, and words of another that look like English ones.

    A short Russian word may look so too: it is one where a word beside it is Russian
    beyond doubt.
    """
    doubtful = [
        not word.isascii()
        and alphabet(word[0]) not in {"", "LATIN"}
        and as_seen(word).isascii()
        for word in words
    ]
    for at, word in enumerate(words):
        if foreign_letter(word):
            yield word
        elif doubtful[at]:
            before = (words[one] for one in range(at - 1, -1, -1) if not doubtful[one])
            after = (
                words[one] for one in range(at + 1, len(words)) if not doubtful[one]
            )
            beside = (next(before, "a"), next(after, "a"))
            if all(alphabet(one[0]) != alphabet(word[0]) for one in beside):
                yield word
