"""Figures of an odor subspace: structures of the same network side by side (Fig. 4, Fig. 5)."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from eiassembly.analysis.experiments.subspace import KINDS, SubspaceResult
from eiassembly.analysis.figures import classification
from eiassembly.analysis.figures.figure import Panel, ReportFigure, panel, panel_with_legend
from eiassembly.analysis.runs.labels import Look
from eiassembly.core.arrays import Flags, Floats
from eiassembly.core.text import number

Results = Sequence[SubspaceResult]
Draw = Callable[[Axes, SubspaceResult], None]

_COLUMNS = 4

_KINDS = (("novel", ":"), ("learned", "-"))
_ANGLE_BINS = 40


def subspace_figures(results: Results) -> list[ReportFigure]:
    """Draw all figures, network by network."""
    networks = dict.fromkeys(result.network for result in results)
    groups = [[result for result in results if result.network == network] for network in networks]
    makers = (_planes, _neighbourhoods, _dimensions, _distances, _classification, _path_dependence)
    return [make(group) for group in groups for make in makers]


def _planes(results: Results) -> ReportFigure:
    def draw(ax: Axes, result: SubspaceResult) -> None:
        draw_plane(ax, result.geometry.plane, result.places)

    indices = _listed(results, lambda result: result.geometry.clusters.index)
    caption = (
        "Patterns (1 s, all E cells) along the first two principal components, coloured by their place in "
        f"the square: {_corner_names(results[0])}. Cluster index: {indices}."
    )
    return _figure("Odor subspace in the plane of two components", results, draw, caption)


def _corner_names(result: SubspaceResult) -> str:
    kinds = ["learned" if learned else "novel" for learned in result.is_learned]
    colors = ("dark", "orange", "pink", "blue")
    return ", ".join(f"{color} {kind}" for color, kind in zip(colors, kinds, strict=False))


def _neighbourhoods(results: Results) -> ReportFigure:
    tallest = max(float(np.nanmax(result.geometry.variances)) for result in results)

    def variances(ax: Axes, result: SubspaceResult) -> None:
        shown = (result.look, result.geometry.variances, result.is_learned)
        draw_variances(ax, [shown])
        ax.set_ylim(0.03, 1.5 * tallest)

    def angles(ax: Axes, result: SubspaceResult) -> None:
        draw_angles(ax, [(result.look, result.geometry.angles, result.is_learned)])
        ax.axvline(np.pi / 3, color="#999999", linewidth=0.8, linestyle=":")

    panels = [_structure_panel(r, variances, "Variance near pure odors") for r in results]
    panels += [_structure_panel(r, angles, "Angles near pure odors") for r in results]
    caption = (
        "Responses to a pure odor and its seven nearest mixtures: variance along the principal components of "
        "all patterns, and angles between the edges from the pure odor to the mixtures in the first 400 "
        "components. Solid: learned; dotted: novel; vertical line: independent noise."
    )
    title = _titled("Variance and angles near pure odors", results)
    return ReportFigure(title, tuple(panels), caption, min(_COLUMNS, len(results)))


def _dimensions(results: Results) -> ReportFigure:
    def participation(ax: Axes) -> None:
        shown = [(result.look, dict(result.geometry.participation)) for result in results]
        draw_participation(ax, shown)

    def reconstruction(ax: Axes) -> None:
        shown = [(result.look, result.geometry.numbers, result.geometry.errors) for result in results]
        draw_reconstruction(ax, shown)

    caption = (
        "Participation ratio of the patterns related to novel, to learned and to all pure odors; "
        "loss of the distances between patterns where only few components are kept."
    )
    panels = (
        panel_with_legend("Participation ratio", participation),
        panel_with_legend("Loss of distances", reconstruction),
    )
    return ReportFigure(_titled("Dimensions of an odor subspace", results), panels, caption, 2)


def _distances(results: Results) -> ReportFigure:
    def draw(ax: Axes, result: SubspaceResult) -> None:
        found = result.classified["assemblies"].distances
        names = [_class_names(result)[label] for label in found.classes]
        classification.draw_class_matrix(ax, found.mahalanobis, names, "d_M (SD)", "patterns of")
        ax.set_xlabel("distribution of")

    caption = (
        "Mean d_M of the half-second training patterns of a class (row) to the distribution of another "
        "(column) in 80 neurons of the (pseudo-)assemblies of the four pure odors, mean over the subsamples "
        "in which the covariance has an inverse. Subsamples in which some class has none: "
        f"{_listed(results, lambda result: 100 * result.classified['assemblies'].refused_share, ' %')}."
    )
    return _figure("Mahalanobis distances between classes", results, draw, caption)


def _class_names(result: SubspaceResult) -> list[str]:
    """Name the corners L1, L2, …, N1, ….."""
    counts = {True: 0, False: 0}
    names = []
    for learned in result.is_learned.tolist():
        counts[learned] += 1
        names.append(f"{'L' if learned else 'N'}{counts[learned]}")
    return names


def _classification(results: Results) -> ReportFigure:
    guess = float(np.mean([result.concentration_variances for result in results]))
    scores: tuple[tuple[str, Callable[[SubspaceResult, NDArray[np.int64]], Floats], float], ...] = (
        ("QDA: correct", _discriminated, 0.25),
        ("templates: correct", _matched, 0.25),
        ("regression: squared error", _regressed, guess),
        ("six concentrations: correct", _concentrations, 1 / 6),
    )
    panels = tuple(_score_panel(results, *score) for score in scores)
    caption = (
        "80 neurons of the (pseudo-)assemblies; mean and standard deviation over subsamples. QDA and "
        "templates: test patterns by the kind of their class; QDA only in subsamples in which it is "
        "possible. Regression and support vector machines: concentration of learned and of novel odors. "
        "Dotted: chance, or the error of predicting the mean."
    )
    return ReportFigure(_titled("Classification with 80 neurons", results), panels, caption, 4)


def _score_panel(
    results: Results,
    ylabel: str,
    values: Callable[[SubspaceResult, NDArray[np.int64]], Floats],
    chance: float,
) -> Panel:
    def draw(ax: Axes) -> None:
        shown = [(r.look, np.array([values(r, corners) for corners in _by_kind(r)])) for r in results]
        classification.draw_scores(ax, KINDS, shown, ylabel, chance)

    return panel_with_legend(ylabel, draw)


def _by_kind(result: SubspaceResult) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.flatnonzero(result.is_learned), np.flatnonzero(~result.is_learned)


def _discriminated(result: SubspaceResult, corners: NDArray[np.int64]) -> Floats:
    discriminant = result.classified["assemblies"].discriminant
    return discriminant.accuracies_of(corners) if discriminant else np.full(1, np.nan)


def _matched(result: SubspaceResult, corners: NDArray[np.int64]) -> Floats:
    return result.classified["assemblies"].templates.accuracies_of(corners)


def _regressed(result: SubspaceResult, corners: NDArray[np.int64]) -> Floats:
    return _per_subsample(result.classified["assemblies"].regression, corners)


def _concentrations(result: SubspaceResult, corners: NDArray[np.int64]) -> Floats:
    return _per_subsample(result.classified["assemblies"].concentration_accuracy, corners)


def _per_subsample(values: Floats, corners: NDArray[np.int64]) -> Floats:
    """Mean over some corners; NaN without any."""
    return values[corners].mean(axis=0) if len(corners) else np.full(values.shape[1], np.nan)


def _path_dependence(results: Results) -> ReportFigure:
    def draw(ax: Axes, result: SubspaceResult) -> None:
        classification.draw_agreement(ax, *result.agreement)

    values = _listed(results, lambda result: result.classified["assemblies"].path_dependence)
    caption = (
        "Share of the visits of a mixture, on different trajectories, that template matching assigns to the "
        "same class; mixtures that make the templates are left white. Probability that two visits are "
        f"assigned to different classes, minus that for two halves of a visit: {values}."
    )
    return _figure("Does the class depend on the way?", results, draw, caption)


def _figure(title: str, results: Results, draw: Draw, caption: str) -> ReportFigure:
    panels = tuple(_structure_panel(result, draw, title) for result in results)
    return ReportFigure(_titled(title, results), panels, caption, min(_COLUMNS, len(results)))


def _titled(title: str, results: Results) -> str:
    return f"{title}: {results[0].network}"


def _structure_panel(result: SubspaceResult, draw: Draw, text: str) -> Panel:
    def drawn(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(result.look.title, loc="left")
        draw(ax, result)

    return panel(f"{text}: {result.look.title}", drawn, height=3.0)


def _listed(results: Results, value: Callable[[SubspaceResult], float], unit: str = "") -> str:
    return "; ".join(f"{result.look.title} {number(value(result))}{unit}" for result in results)


def draw_plane(ax: Axes, plane: Floats, places: Floats) -> None:
    """Patterns along the first two components, coloured by their mixture coordinates (Fig. 4D)."""
    ax.scatter(plane[:, 0], plane[:, 1], s=5, c=place_colors(places), linewidths=0, rasterized=True)
    ax.set_xlabel("PC 1 (Hz)")
    ax.set_ylabel("PC 2 (Hz)")


def place_colors(places: Floats) -> Floats:
    """Colours of mixtures: orange grows with the first coordinate, blue with the second; shape (n, 3)."""
    x, y = np.clip(places.T, 0, 1)[:, :, None]
    corners = ("#444444", "#E69F00", "#F2B8D8", "#0072B2")  # (0, 0), (1, 0), (1, 1), (0, 1)
    dark, orange, light, blue = (np.array(_rgb(color)) for color in corners)
    return np.asarray((1 - y) * ((1 - x) * dark + x * orange) + y * ((1 - x) * blue + x * light))


def _rgb(color: str) -> tuple[float, ...]:
    return tuple(int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))


def draw_participation(ax: Axes, runs: Sequence[tuple[Look, dict[str, float]]]) -> None:
    """Participation ratios of all runs by the kind of odor (Fig. 4F)."""
    kinds = list(dict.fromkeys(kind for _, values in runs for kind in values))
    for place, (look, values) in enumerate(runs):
        xs = [kinds.index(kind) + 0.5 * ((place + 0.5) / len(runs) - 0.5) for kind in values]
        ax.plot(xs, list(values.values()), "o", color=look.color, markersize=6, label=look.title)
    ax.set_xticks(range(len(kinds)), kinds)
    ax.set_xlim(-0.5, len(kinds) - 0.5)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("participation ratio")


def draw_variances(ax: Axes, runs: Sequence[tuple[Look, Floats, Flags]]) -> None:
    """Variance along the first components around pure odors: learned solid, novel dotted (Fig. 4G)."""
    for look, variances, is_learned in runs:
        for kind, line in _KINDS:
            rows = is_learned == (kind == "learned")
            if rows.any():
                numbers = np.arange(1, variances.shape[1] + 1)
                label = f"{look.title}, {kind}"
                ax.plot(numbers, variances[rows].mean(axis=0), line, color=look.color, label=label)
    ax.set_yscale("log")
    ax.set_xlabel("principal component")
    ax.set_ylabel("variance (Hz²)")


def draw_angles(ax: Axes, runs: Sequence[tuple[Look, Floats, Flags]]) -> None:
    """Distribution of the angles near pure odors: learned solid, novel dotted (Fig. 4H)."""
    edges = np.linspace(0, np.pi, _ANGLE_BINS + 1)
    for look, angles, is_learned in runs:
        for kind, line in _KINDS:
            shown = angles[is_learned == (kind == "learned")]
            if shown.size:
                density, _ = np.histogram(shown[~np.isnan(shown)], edges, density=True)
                label = f"{look.title}, {kind}"
                ax.stairs(density, edges, linestyle=line, color=look.color, linewidth=1.4, label=label)
    ax.set_xlim(0, np.pi)
    ax.set_xticks(np.arange(0, 3.1, 0.5))
    ax.set_xlabel("angle between edges (rad)")
    ax.set_ylabel("density (1/rad)")


def draw_reconstruction(ax: Axes, runs: Sequence[tuple[Look, NDArray[np.int64], Floats]]) -> None:
    """Loss of pairwise distances against the number of components that are kept."""
    for look, numbers, errors in runs:
        ax.plot(numbers, errors, look.line, marker="o", markersize=3, color=look.color, label=look.title)
    ax.set_xscale("log")
    ax.set_ylim(bottom=0)
    ax.set_xlabel("principal components")
    ax.set_ylabel("1 − correlation of distances")
