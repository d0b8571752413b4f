"""Fonts, sizes and lines of all figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType

_PARAMETERS = MappingProxyType(
    {
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.labelsize": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "legend.fontsize": 8.5,
        "legend.frameon": False,
        "lines.linewidth": 1.4,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "svg.fonttype": "path",
        "svg.hashsalt": "eiassembly",
        "figure.constrained_layout.use": True,
    }
)


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw inside this block with the project's fonts, sizes and lines; outside nothing changes."""
    # Imported here: names and colours are also used where nothing is drawn, and matplotlib is slow to load.
    from matplotlib import style

    with style.context(dict(_PARAMETERS)):
        yield
