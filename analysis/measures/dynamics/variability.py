"""Irregularity and Fano factors of E cells: members of the odor's assembly against the others."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.measures.dynamics.fano import fano_factors
from eiassembly.analysis.measures.dynamics.intervals import irregularity
from eiassembly.analysis.measures.rates import binned_counts
from eiassembly.analysis.runs.spikes import SpikeSource
from eiassembly.analysis.runs.windows import BASELINE, RESPONSE
from eiassembly.core.arrays import Floats, Ids
from eiassembly.odors.odors import Presentation

TIME_BIN = 100.0
"""Bins of the Fano factor over time, ms."""
TRIAL_BIN = 500.0
"""Windows of the Fano factor over trials, ms."""


@dataclass(frozen=True, eq=False)
class Groups:
    """Values of a measure by pair of cell and odor, undefined ones left out.

    Parameters
    ----------
    members, others : ndarray of float64, shape (n_values,)
        During the odor: members of its assembly, and all other E cells.
    before : ndarray of float64, shape (n_values,)
        Before it: all E cells.
    """

    members: Floats
    others: Floats
    before: Floats


@dataclass(frozen=True, eq=False)
class Variability:
    """Measures of variability by group, all without unit.

    Parameters
    ----------
    cv, cv2, lv : Groups
        Of the intervals between spikes from onset to offset, and in the second before.
    fano_time : Groups
        Fano factor over successive windows of 100 ms of the first 1.5 s, and of the second before.
    fano_trials : Groups
        Fano factor over presentations of the same odor in windows of 500 ms; empty without repetitions.
    """

    cv: Groups
    cv2: Groups
    lv: Groups
    fano_time: Groups
    fano_trials: Groups


def variability(
    spikes: SpikeSource,
    dt: float,
    presentations: Sequence[Presentation],
    members: Mapping[int, Ids],
    free: Container[Presentation],
) -> Variability:
    """Measure the variability of E cells in presentations of one kind, one presentation at a time.

    Parameters
    ----------
    spikes : SpikeSource
        Spikes of E.
    dt : float
        Time step, ms.
    presentations : sequence of Presentation
        With the second before each inside the run.
    members : mapping of int to ndarray of int64
        E members of the assembly of an odor, by its number.
    free : container of Presentation
        Presentations with no odor in the second before: of others, nothing before the odor is measured.
    """
    inside = {p.odor: _flags(members.get(p.odor), spikes.n_cells) for p in presentations}
    irregular = [_irregularities(spikes, dt, p, inside[p.odor]) for p in presentations]
    over_time = [_over_time(spikes, dt, p, inside[p.odor]) for p in presentations]
    is_free, repeated = [p in free for p in presentations], _repeated(presentations)
    return Variability(
        **{name: _joined([groups[name] for groups in irregular], is_free) for name in ("cv", "cv2", "lv")},
        fano_time=_joined(over_time, is_free),
        fano_trials=_joined(
            [_over_trials(spikes, dt, same, inside[same[0].odor]) for same in repeated],
            [all(p in free for p in same) for same in repeated],
        ),
    )


def _flags(members: Ids | None, n_cells: int) -> NDArray[np.bool_]:
    flags = np.zeros(n_cells, bool)
    if members is not None:
        flags[members] = True
    return flags


def _grouped(during: Floats, before: Floats, inside: NDArray[np.bool_]) -> Groups:
    return Groups(*(values[~np.isnan(values)] for values in (during[inside], during[~inside], before)))


def _joined(parts: Sequence[Groups], is_free: Sequence[bool]) -> Groups:
    """Put parts together; of those that are not free, without what is before the odor."""

    def joined(values: Iterable[Floats]) -> Floats:
        return np.concatenate([np.empty(0), *values])

    return Groups(
        joined(part.members for part in parts),
        joined(part.others for part in parts),
        joined(part.before for part, free in zip(parts, is_free, strict=True) if free),
    )


def _irregularities(
    spikes: SpikeSource, dt: float, shown: Presentation, inside: NDArray[np.bool_]
) -> dict[str, Groups]:
    onset = round(shown.onset / dt)
    during, before = (
        irregularity(*spikes.between(first, last), spikes.n_cells)
        for first, last in ((onset, round(shown.offset / dt)), (onset - round(BASELINE / dt), onset))
    )
    return {
        name: _grouped(getattr(during, name), getattr(before, name), inside) for name in ("cv", "cv2", "lv")
    }


def _over_time(spikes: SpikeSource, dt: float, shown: Presentation, inside: NDArray[np.bool_]) -> Groups:
    n_during = int(min(RESPONSE, shown.offset - shown.onset) // TIME_BIN)
    n_before = int(BASELINE // TIME_BIN)
    before = binned_counts(spikes, dt, shown.onset - BASELINE, TIME_BIN, n_before)
    during = binned_counts(spikes, dt, shown.onset, TIME_BIN, n_during)
    return _grouped(fano_factors(during), fano_factors(before), inside)


def _repeated(presentations: Sequence[Presentation]) -> list[list[Presentation]]:
    by_odor: dict[int, list[Presentation]] = {}
    for p in presentations:
        by_odor.setdefault(p.odor, []).append(p)
    return [same for same in by_odor.values() if len(same) > 1]


def _over_trials(
    spikes: SpikeSource, dt: float, same: Sequence[Presentation], inside: NDArray[np.bool_]
) -> Groups:
    n_during = int(min(RESPONSE, *(p.offset - p.onset for p in same)) // TRIAL_BIN)
    counts = np.array([binned_counts(spikes, dt, p.onset - TRIAL_BIN, TRIAL_BIN, 1 + n_during) for p in same])
    before, *during = (fano_factors(counts[:, window]) for window in range(1 + n_during))
    parts = [_grouped(values, np.empty(0), inside) for values in during] + [_only_before(before)]
    return _joined(parts, [True] * len(parts))


def _only_before(values: Floats) -> Groups:
    return Groups(np.empty(0), np.empty(0), values[~np.isnan(values)])
