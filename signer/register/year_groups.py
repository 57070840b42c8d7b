"""Year groups in one way to write them: 7, Y7 and Yr 7 are Year 7."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# A number with a word for a year, or alone: 7, Yr 07, Y7, Year Group 7, NC Year 7.
_YEAR = re.compile(
    r"(?:nc |national curriculum )?(?:(?:year|yr|y)s?(?: group)? ?)?0?([1-9]|1[0-4])"
)
# The same with a form after it: 7B, Year 7B, Y7 B2. Year 10 is no Year 1 with a form.
_YEAR_AND_FORM = re.compile(
    r"((?:nc |national curriculum )?(?:(?:year|yr|y)s?(?: group)? ?)?"
    r"0?(?:[1-9]|1[0-4])) ?[a-z]{1,2}[0-9]?"
)
_CALLED = (
    (-1, "Nursery", r"nursery(?: [12])?|n[12]?|fs ?1|f1|foundation(?: stage)? 1"),
    (
        0,
        "Reception",
        (
            r"reception(?: year)?|rec|r|fs ?2|f2|foundation(?: stage)? 2|"
            r"(?:year|yr|y) ?(?:r|0|reception)"
        ),
    ),
    (12, "Year 12", r"(?:lower|l) ?(?:6th|six|sixth|6|vi)(?: form)?"),
    (13, "Year 13", r"(?:upper|u) ?(?:6th|six|sixth|6|vi)(?: form)?"),
    (None, "Sixth form", r"(?:6th|six|sixth)(?: form)?|6 form|vi form"),
    (None, "Pre-school", r"pre ?school|preschool"),
)


def usual_year_group(written: str) -> str:
    """A year group as it is usually written: Year 7, Reception, Nursery, Sixth form.

    What is not known to be a year group is given back as it is.
    """
    return _read(written)[1]


def year_number(written: str) -> int | None:
    """The number of a year group, Reception being 0; None where it has none."""
    return _read(written)[0]


@lru_cache(maxsize=1024)
def _read(written: str) -> tuple[int | None, str]:
    words = " ".join(
        re.split(r"[\s._/()-]+", unicodedata.normalize("NFKC", written).casefold())
    ).strip()
    for number, usual, pattern in _CALLED:
        if re.fullmatch(pattern, words):
            return number, usual
    form = _YEAR_AND_FORM.fullmatch(words)
    if year := _YEAR.fullmatch(form[1] if form else words):
        number = int(year[1])
        return number, f"Year {number}"
    digits = re.search(r"[0-9]{1,4}", written)
    return int(digits.group()) if digits else None, written
