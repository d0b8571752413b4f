"""Figures of morphs: structures of the same network and morph side by side (Fig. 3)."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes

from eiassembly.analysis.experiments.morph import MorphResult
from eiassembly.analysis.figures.figure import ReportFigure, panel_with_legend
from eiassembly.analysis.measures.memory.completion import CompletionCurve
from eiassembly.analysis.runs.labels import Look
from eiassembly.core.arrays import Floats

Results = Sequence[MorphResult]


def morph_figures(results: Results) -> list[ReportFigure]:
    """Draw one figure per network and morph."""
    keys = dict.fromkeys((r.network, r.morph.name) for r in results)
    return [_figure([r for r in results if (r.network, r.morph.name) == key]) for key in keys]


def _figure(results: Results) -> ReportFigure:
    panels = (
        panel_with_legend("Output against input correlation", lambda ax: _completion(ax, results)),
        panel_with_legend("Output correlation along the morph", lambda ax: _sweeps(ax, results)),
        panel_with_legend("Rate of the learned odor's assembly", lambda ax: _rates(ax, results)),
        panel_with_legend("Net recurrent current", lambda ax: _currents(ax, results)),
    )
    caption = (
        "Correlation of patterns (first 1.5 s) with those of the learned odor; above the diagonal patterns "
        "are completed. Over the position: solid on the sweep there, dotted on the sweep back. Rate of the "
        "learned odor's assembly and net recurrent current (E and I, at the potential halfway between rest "
        "and threshold) into its mean member, mean of both sweeps."
    )
    return ReportFigure(f"Morph {results[0].morph.name}: {results[0].network}", panels, caption)


def _completion(ax: Axes, results: Results) -> None:
    draw_completion(ax, [(r.look, next(iter(r.sweeps.values())).curve) for r in results if r.sweeps])


def _sweeps(ax: Axes, results: Results) -> None:
    for result in results:
        for sweep, found in result.sweeps.items():
            label = None if sweep and len(result.sweeps) > 1 else result.look.title
            line = ":" if sweep else "-"
            ax.plot(found.nearness, found.curve.outputs, line, color=result.look.color, label=label)
    ax.set_xlabel("position (1: learned odor)")
    ax.set_ylabel("correlation of the output")


def _rates(ax: Axes, results: Results) -> None:
    _courses(ax, results, lambda result: result.morph.assembly_rates)
    ax.set_ylabel("assembly rate (Hz)")


def _currents(ax: Axes, results: Results) -> None:
    ax.axhline(0, color="#999999", linewidth=0.8)
    _courses(ax, results, lambda result: result.morph.net_current)
    ax.set_ylabel("net recurrent current (pA)")


def _courses(ax: Axes, results: Results, course: Callable[[MorphResult], Floats]) -> None:
    for result in results:
        nearness = result.morph.nearness.round(9)
        positions = np.unique(nearness)
        means = [course(result)[nearness == position].mean() for position in positions]
        ax.plot(positions, means, result.look.line, color=result.look.color, label=result.look.title)
    ax.set_xlabel("position (1: learned odor)")


def draw_completion(ax: Axes, curves: Sequence[tuple[Look, CompletionCurve]]) -> None:
    """Output against input correlation along a morph (Fig. 3B); above the diagonal patterns are completed."""
    ax.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
    for look, curve in curves:
        ax.plot(
            curve.inputs,
            curve.outputs,
            look.line,
            marker="o",
            markersize=3.5,
            color=look.color,
            label=look.title,
        )
    ax.set_xlabel("correlation of the input\nwith the learned odor")
    ax.set_ylabel("correlation of the output")
    ax.set_aspect("equal")
