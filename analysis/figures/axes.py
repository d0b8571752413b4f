"""What several figures share: the time around an odor, common limits, legends."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from eiassembly.analysis.experiments.result import RunResult, kinds_of
from eiassembly.analysis.measures.responses import Responses
from eiassembly.analysis.runs.recording import Recording
from eiassembly.core.arrays import Floats, Ids
from eiassembly.odors.odors import Presentation

_SHADE = "#F1F1F1"

BEFORE_ONSET = 500.0
"""Time before an odor that figures show, ms."""
AFTER_ONSET = 2500.0
"""Time from the onset of an odor that figures show, ms."""


def legend_below(ax: Axes) -> None:
    """Name the lines below the axes, where they hide nothing."""
    handles, labels = ax.get_legend_handles_labels()
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.legend(
            handles, labels, loc="outside lower center", ncols=min(4, len(labels)), columnspacing=1.0,
            handlelength=1.3, handletextpad=0.5,
        )  # fmt: skip


def odor_axis(ax: Axes, length: float) -> None:
    """Time from onset along x; the odor is shaded."""
    ax.axvspan(0, length, color=_SHADE, linewidth=0, zorder=0)
    ax.set_xlim(-BEFORE_ONSET, AFTER_ONSET)
    ax.set_xlabel("time from odor onset (ms)")


def first_of(responses: Responses, kind: str) -> Presentation | None:
    """First presentation of a kind of odor."""
    return next((p for p in responses.presentations if p.kind == kind), None)


def kind_with_assemblies(results: Sequence[RunResult]) -> str:
    """Kind of odors whose members are looked at: learned ones, if there are any."""
    kinds = kinds_of(results)
    return "learned" if "learned" in kinds else kinds[0]


def members_of(run: Recording, odor: int) -> Ids:
    """E members of the assembly of an odor; empty if it has none."""
    found = (assembly.excitatory for assembly in run.wiring.assemblies if assembly.odor == odor)
    return next(found, np.empty(0, np.int64))


def shown_steps(run: Recording, presentation: Presentation) -> tuple[int, int]:
    """First and last time step that is shown around a presentation, within the run."""
    first, last = presentation.onset - BEFORE_ONSET, presentation.onset + AFTER_ONSET
    return max(0, round(first / run.dt)), min(run.n_steps, round(last / run.dt))


def color_limit(matrices: Sequence[Floats], at_least: float) -> float:
    """Limit of a common colour scale that all but 2 % of the values lie within."""
    values = np.concatenate([m[~np.isnan(m)] for m in matrices])
    return max(at_least, float(np.quantile(np.abs(values), 0.98))) if values.size else at_least
