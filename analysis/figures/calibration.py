"""A calibration curve as a picture (Fig. 2B, C)."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from eiassembly.analysis.experiments.critical import Critical
from eiassembly.analysis.figures.figure import Panel, ReportFigure, panel
from eiassembly.analysis.figures.style import figure_style
from eiassembly.analysis.measures.calibration import RUNAWAY, TOLERANCE, CalibrationCurve
from eiassembly.core.files import written_beside

_BAND, _LINE, _BEST = "#DDEEDD", "#333333", "#D55E00"
_DPI = 200


def write_figure(curve: CalibrationCurve, path: Path) -> None:
    """Write the picture of a curve; the suffix of the path tells the format.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    with written_beside(path) as partial, figure_style():
        figure = Figure(figsize=(5.0, 3.4))
        draw(figure.subplots(), curve)
        figure.savefig(partial, format=path.suffix.removeprefix("."), dpi=_DPI)


def critical_figures(measured: Critical) -> tuple[ReportFigure, ...]:
    """Rate against the density within assemblies, one panel per network."""

    def drawn(name: str, curve: CalibrationCurve) -> Panel:
        return panel(f"Rate against α: {name}", lambda figure: draw(figure.subplots(), curve), height=3.2)

    panels = tuple(drawn(name, curve) for name, curve in measured.curves.items())
    caption = (
        "Rate to learned odors of networks with E assemblies alone, relative to rand; the line marks "
        "where it exceeds 20 times that of rand."
    )
    return (ReportFigure("E assemblies without more inhibition", panels, caption),)


def draw(ax: Axes, curve: CalibrationCurve) -> None:
    """Rate relative to rand against the parameter: dots are networks, the line joins their means."""
    values = [m.value for m in curve.measurements]
    ax.axhspan(1 - TOLERANCE, 1 + TOLERANCE, color=_BAND, linewidth=0, label=f"rand ± {TOLERANCE:.0%}")
    ax.axhline(1, color="#999999", linewidth=0.8)
    for measurement in curve.measurements:
        ratios = np.divide(measurement.rates, measurement.reference)
        ax.plot([measurement.value] * len(ratios), ratios, ".", color=_LINE, alpha=0.5)
    ax.plot(values, [m.ratio for m in curve.measurements], "-", color=_LINE, label="mean over networks")
    if curve.parameter == "alpha":
        _mark_runaway(ax, curve)
    else:
        _mark_best(ax, curve)
    ratios = [m.ratio for m in curve.measurements]
    if max(ratios) > 10 * max(min(ratios), 1e-9):
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:g}"))
        ax.yaxis.set_minor_formatter("")
    ax.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    ax.set_xlabel(curve.symbol)
    ax.set_ylabel("rate to learned odors,\nrelative to rand")
    ax.legend(loc="best")


def _mark_best(ax: Axes, curve: CalibrationCurve) -> None:
    best = curve.best
    ax.plot(
        best.value, best.ratio, "o", markersize=9, color=_BEST, markerfacecolor="none", markeredgewidth=1.6,
        label=f"nearest to rand: {curve.symbol} = {best.value:.3g}",
    )  # fmt: skip


def _mark_runaway(ax: Axes, curve: CalibrationCurve) -> None:
    if curve.critical is not None:
        label = f"{RUNAWAY:g} × rand: {curve.symbol} = {curve.critical:.3g}"
        ax.axvline(curve.critical, color=_BEST, linestyle=":", label=label)
