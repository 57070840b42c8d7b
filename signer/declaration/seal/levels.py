"""The levels that a seal may reach (ETSI EN 319 142-1), by their short names."""

from __future__ import annotations

LEVEL = "B-B"
"""The level without a timestamp authority."""
LONG_TERM = "B-LT"
"""The level with one."""
