"""How long a redline takes: the real text against an edit of it, once and ten times.

Prints one JSON document: processor milliseconds, the best of five.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from signer.markdown.rendering import to_html
from signer.policy.versions import read_version
from signer.redline.html import redline_html
from signer.redline.model import redline

VERSION = read_version(Path(__file__).parent.parent / "versions" / "2.md")
EDITED = VERSION.body.replace("school", "academy").replace("must", "should")


def measured(times: int) -> float:
    """The best of five, in milliseconds of processor time."""
    old, new = to_html(VERSION.body) * times, to_html(EDITED) * times
    taken = []
    for _ in range(5):
        start = time.process_time()
        redline_html(redline(old, new))
        taken.append(time.process_time() - start)
    return round(min(taken) * 1000, 1)


once, tenfold = measured(1), measured(10)
print(json.dumps({"once_ms": once, "tenfold_ms": tenfold, "ratio": tenfold / once}))
