"""Names as a search compares them, in SQL: without accents, in words."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, literal, literal_column
from sqlalchemy.orm import InstrumentedAttribute, Session

from signer.register.spelling import WITHOUT_KEY, WRITTEN_OUT

_MARKS = "".join(map(chr, range(0x0300, 0x0370)))
_DROPPED = "'\u2018\u2019\u02bc\u02b9`\u00b4."
_SPACES = "-\u2010\u2011\u2013,()/_"
_LETTERS = {
    chr(code): chr(kept) for code, kept in WITHOUT_KEY.items() if isinstance(kept, int)
}
_PAIRS = {
    chr(code): kept for code, kept in WITHOUT_KEY.items() if isinstance(kept, str)
}


def search_key_of(
    session: Session, name: InstrumentedAttribute[str]
) -> ColumnElement[str]:
    """The `search_key` of a name in a column.

    SQLite calls that function; PostgreSQL does the same with functions of its own, but
    for signs that names seldom have.

    Args:
        session: a transaction on the database that is asked.
        name: the column.
    """
    if session.get_bind().dialect.name != "postgresql":
        return func.search_key(name)
    composed = func.lower(func.normalize(name, literal_column("NFC")))
    written_out: ColumnElement[str] = composed
    for code, letters in WRITTEN_OUT.items():
        written_out = func.replace(written_out, chr(code), str(letters))
    spaced = literal(" ")
    return spaced.concat(_plain(composed)).concat(" ").concat(_plain(written_out))


def _plain(name: ColumnElement[str]) -> ColumnElement[str]:
    plain: ColumnElement[str] = func.lower(func.normalize(name, literal_column("NFKD")))
    for letter, letters in _PAIRS.items():
        plain = func.replace(plain, letter, letters)
    return func.translate(
        plain,
        "".join(_LETTERS) + _SPACES + _MARKS + _DROPPED,
        "".join(_LETTERS.values()) + " " * len(_SPACES),
    )
