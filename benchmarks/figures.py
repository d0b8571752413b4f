"""The plots of docs/benchmarks.md and docs/scaling.md: numbers come in, nothing is measured here."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from benchmarks.results import cost, select, summary
from benchmarks.scaling import peak_total, start, steady_cost, wired
from eiassembly.analysis.figures.style import figure_style
from eiassembly.analysis.runs.labels import structure_look

Results = Mapping[str, Any]
SIMULATORS = (
    ("stock", 1, 1, "stock NEST neurons"),
    ("brian2", 1, 1, "Brian2 C++"),
    ("ours", 1, 1, "ours"),
    ("ours", 1, 2, "ours, 2 threads"),
    ("ours", 2, 1, "ours, 2 ranks"),
    ("loop", 1, 1, "dedicated loop"),
)
DELAY_LOOKS = ((0.1, "#0072B2", "o"), (1.0, "#D55E00", "s"))
# Okabe & Ito, without yellow; markers differ too, for print.
_COLORS = ("#333333", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
_MARKERS = "os^DvPX"
_DPI = 110


def _plain_numbers(axis: Axis) -> None:
    """Label a logarithmic axis at 1, 2, 5, 10, …, without powers and without marks between."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))


def _layout_name(ranks: int, threads: int) -> str:
    if ranks * threads == 1:
        return "1 core"
    if ranks == 1:
        return f"{threads} threads"
    return f"{ranks} ranks" if threads == 1 else f"{ranks} ranks × {threads} threads"


def _layouts(results: Results) -> list[tuple[int, int]]:
    return list(dict.fromkeys((row["ranks"], row["threads"]) for row in results["scaling"]))


def _scales(results: Results) -> list[int]:
    return sorted({row["scale"] for row in results["scaling"]})


def series(results: Results, ranks: int, threads: int, quantity: Any) -> dict[int, float]:
    """Median of a quantity (a function of a row) by scale, for one layout."""
    rows = select(results["scaling"], ranks=ranks, threads=threads)
    by_scale: dict[int, list[float]] = {}
    for row in rows:
        by_scale.setdefault(row["scale"], []).append(quantity(row))
    return {scale: summary(values).median for scale, values in sorted(by_scale.items())}


def draw_comparison(ax: Axes, results: Results) -> None:
    """Cost of every simulator: medians, with the range over the rounds."""
    shown = [c for c in SIMULATORS if select(results["contest"], contestant=c[0], ranks=c[1], threads=c[2])]
    for y, (name, ranks, threads, _) in enumerate(shown):
        for shift, (delay, color, marker) in enumerate(DELAY_LOOKS):
            rows = select(results["contest"], contestant=name, ranks=ranks, threads=threads, delay=delay)
            if not rows:
                continue
            found = summary([cost(row) for row in rows])
            height = y + 0.3 * (shift - 0.5)
            ax.plot([found.low, found.high], [height] * 2, color=color, linewidth=3, alpha=0.35)
            ax.plot(found.median, height, marker, color=color, markersize=5)
            ax.annotate(
                f"{found.median:.2g}", (found.median, height), (6, 0), textcoords="offset points",
                va="center", fontsize=7.5, color=color,
            )  # fmt: skip
    for delay, color, marker in DELAY_LOOKS:
        ax.plot([], [], marker, color=color, label=f"delay {delay:g} ms")
    ax.set_yticks(range(len(shown)), [label for *_, label in shown])
    ax.invert_yaxis()
    ax.set_xscale("log")
    _plain_numbers(ax.xaxis)
    ax.margins(x=0.18)
    ax.set_xlabel("wall clock (s) per biological second")
    ax.set_title("Simulators, network A, 5000 neurons", loc="left")
    ax.legend(loc="lower right")


def _against_size(ax: Axes, results: Results, quantity: Any) -> None:
    for index, layout in enumerate(_layouts(results)):
        values = series(results, *layout, quantity)
        ax.plot(
            list(values), list(values.values()), f"{_MARKERS[index % 7]}-", color=_COLORS[index % 7],
            markersize=5, label=_layout_name(*layout),
        )  # fmt: skip
    _size_axis(ax, results)


def _size_axis(ax: Axes, results: Results) -> None:
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(_scales(results)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    ax.set_xlabel("scale (5000 neurons, 1.34 M synapses each)")


def draw_cost(ax: Axes, results: Results) -> None:
    """Cost against size, with the line of proportionality."""
    _against_size(ax, results, lambda row: steady_cost(row, results["plan"]))
    scales = _scales(results)
    first = series(results, 1, 1, lambda row: steady_cost(row, results["plan"]))[scales[0]]
    ideal = [first * scale / scales[0] for scale in scales]
    ax.plot(scales, ideal, ":", color="#999999", label="proportional", zorder=0)
    ax.set_yscale("log")
    _plain_numbers(ax.yaxis)
    ax.set_ylabel("wall clock (s) per biological second")
    ax.set_title("Cost against size, delay 1 ms", loc="left")
    ax.legend()


def efficiency(results: Results, ranks: int, threads: int, weak: bool) -> dict[int, float]:
    """Share of the processors' time that is not lost, by scale (strong) or by scale per core (weak).

    Strong: cost on one core / (cores × cost). Weak: cost on one core at scale k / cost at k × cores.
    """
    cores = ranks * threads
    alone = series(results, 1, 1, lambda row: steady_cost(row, results["plan"]))
    several = series(results, ranks, threads, lambda row: steady_cost(row, results["plan"]))
    if weak:
        return {k: alone[k] / several[k * cores] for k in alone if k * cores in several}
    return {k: alone[k] / (cores * several[k]) for k in several if k in alone}


def draw_efficiency(ax: Axes, results: Results) -> None:
    """Strong and weak scaling of every layout of several cores."""
    for index, layout in enumerate(_layouts(results)):
        if layout == (1, 1):
            continue
        for weak, line in ((False, "-"), (True, "--")):
            values = efficiency(results, *layout, weak)
            label = f"{_layout_name(*layout)}, {'weak' if weak else 'strong'}"
            ax.plot(
                list(values), list(values.values()), f"{_MARKERS[index % 7]}{line}",
                color=_COLORS[index % 7], markersize=5, label=label, mfc="white" if weak else None,
            )  # fmt: skip
    ax.axhline(1, color="#999999", linestyle=":", linewidth=1)
    _size_axis(ax, results)
    ax.set_xlabel("scale (strong), scale per core (weak)")
    ax.set_ylim(0, None)
    ax.set_ylabel("parallel efficiency")
    ax.set_title("Strong and weak scaling", loc="left")
    ax.legend(loc="lower right")


def draw_memory(ax: Axes, results: Results) -> None:
    """Memory of all processes per synapse, against size."""

    def per_synapse(row: Mapping[str, Any]) -> float:
        return peak_total(row) * 2**20 / float(wired(results, row["scale"])["synapses"])

    _against_size(ax, results, per_synapse)
    ax.set_ylim(0, None)
    ax.set_ylabel("peak memory (bytes) per synapse")
    ax.set_title("Memory, all ranks, everything included", loc="left")
    ax.legend()


def draw_start(ax: Axes, results: Results) -> None:
    """Draw the times of what comes before the simulation, on one core."""
    parts = (
        ("wire (network build)", {w["scale"]: w["wire_s"] for w in results["wiring"]}),
        ("load", series(results, 1, 1, lambda row: row["load_s"])),
        ("connect", series(results, 1, 1, lambda row: row["build_s"])),
        ("prepare", series(results, 1, 1, lambda row: start(row, results["plan"]))),
    )
    for index, (label, times) in enumerate(parts):
        values = {scale: seconds for scale, seconds in times.items() if seconds > 0}
        ax.plot(
            list(values), list(values.values()), f"{_MARKERS[index]}-", color=_COLORS[index + 1],
            markersize=5, label=label,
        )  # fmt: skip
    _size_axis(ax, results)
    ax.set_yscale("log")
    _plain_numbers(ax.yaxis)
    ax.set_ylabel("wall clock (s)")
    ax.set_title("Before the simulation, 1 core", loc="left")
    ax.legend()


def draw_neuron_cost(ax: Axes, results: Results) -> None:
    """Cost per neuron against size."""

    def per_neuron(row: Mapping[str, Any]) -> float:
        cost_s = steady_cost(row, results["plan"]) * row["ranks"] * row["threads"]
        return float(1e6 * cost_s / wired(results, row["scale"])["neurons"])

    _against_size(ax, results, per_neuron)
    ax.set_ylim(0, None)
    ax.set_ylabel("core time (µs) per biological second")
    ax.set_title("Cost per neuron", loc="left")
    ax.legend()


def write_benchmarks(results: Results, path: Path) -> None:
    """Write the plot of docs/benchmarks.md as PNG."""
    with figure_style():
        figure = Figure(figsize=(13, 7.4))
        panels = (draw_comparison, draw_cost, draw_neuron_cost, draw_efficiency, draw_memory, draw_start)
        for draw, ax in zip(panels, figure.subplots(2, 3).flat, strict=True):
            draw(ax, results)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=_DPI, metadata={"Software": None})


def write_observables(found: Results, path: Path) -> None:
    """Write the plot of docs/scaling.md: every observable with a range against the size, as PNG."""
    shown = {name: q for name, q in found["quantities"].items() if q["range"]}
    structures = list(dict.fromkeys(run["structure"] for run in found["runs"]))
    with figure_style():
        figure = Figure(figsize=(2.3 * len(shown), 2.8))
        axes = figure.subplots(1, len(shown), squeeze=False)
        for ax, (name, quantity) in zip(axes[0], shown.items(), strict=True):
            for structure in structures:
                _draw_observable(ax, select(found["runs"], structure=structure), name, structure)
            _draw_range(ax, quantity["bounds"])
            ax.set_title(f"{quantity['title']}\n{quantity['range']}", fontsize=8.5)
            ax.set_ylabel(quantity["unit"] if quantity["unit"] != "1" else "")
        figure.axes[0].legend(loc="lower left")
        figure.savefig(path, dpi=_DPI, metadata={"Software": None})


def _draw_observable(ax: Axes, runs: Sequence[Mapping[str, Any]], name: str, structure: str) -> None:
    look = structure_look(structure)
    scales = [run["scale"] for run in runs]
    values = [np.nan if run["values"][name] is None else run["values"][name] for run in runs]
    ax.plot(scales, values, "o", linestyle=look.line, color=look.color, markersize=5, label=look.title)
    ax.set_xscale("log", base=2)
    ax.set_xticks(scales, [f"{scale:g}" for scale in scales])
    ax.set_xlabel("scale")


def _draw_range(ax: Axes, bounds: Sequence[float | None]) -> None:
    """Shade the range of the paper; without a lower bound from 0 on."""
    shaded = [bounds[0] or 0.0, bounds[1] or 0.0]
    ax.axhspan(*shaded, color="#009E73", alpha=0.13, linewidth=0, zorder=0)
    low, high = (pick(*shaded, *ax.dataLim.intervaly) for pick in (min, max))
    margin = 0.06 * (high - low)
    ax.set_ylim(low - (margin if low != 0 else 0), high + margin)
