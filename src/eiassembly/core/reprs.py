"""How records look at a prompt and in a notebook: short, whatever is inside."""

from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape

_CELL = "text-align: left; padding: 0 1em 0 0"


def html_table(title: str, rows: Mapping[str, str]) -> str:
    """Return a small table for a notebook: a caption, and a line per name and value; all text is escaped."""
    lines = (
        f'<tr><th style="{_CELL}">{escape(name)}</th><td style="{_CELL}">{escape(value)}</td></tr>'
        for name, value in rows.items()
    )
    return f"<div><b>{escape(title)}</b><table>{''.join(lines)}</table></div>"


def counted(names: Iterable[str]) -> str:
    """Count names in the order in which they first occur: ``10 novel, 10 learned``; ``none`` without any."""
    return ", ".join(f"{number} {name}" for name, number in Counter(names).items()) or "none"
