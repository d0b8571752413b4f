"""The authors' odor sets (MATLAB) with their spike trains of the mitral cells."""

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eiassembly.core.matlab import Array, MatFile
from eiassembly.odors.odors import Odor, OdorSet, Presentation

Kind = Literal["learned", "novel"]

_BASELINE = 1000.0
"""Before every odor, ms (Methods, "Olfactory bulb input")."""
_ODOR = 2000.0
"""Duration of every odor, ms (same section)."""
_N_SLOTS = 300
"""Rows of an odor's table: 150 activated cells, 75 unused zero rows, 75 inhibited cells."""
_ACTIVATED, _INHIBITED = slice(0, 150), slice(225, 300)
_BASELINE_RATE = 6.0
"""Hz; the table gives the rate of inhibited cells as a difference from it."""


def kind_from_name(path: Path) -> Kind:
    """Learned or novel, as the authors name their files."""
    return "novel" if "novel" in path.name else "learned"


def import_odors(path: Path, kind: Kind) -> OdorSet:
    """Read one of the authors' odor sets: ``OBinp`` (odors), ``r_olfbs`` (spikes) and ``dt``.

    Odor k of a learned set is the one assembly k was built from. There are as many learned as novel odors
    in the authors' tables, so novel ones are numbered from the length of the table on. Which odor is
    presented when is not in the file; it is read off the spikes.

    Raises
    ------
    FileFormatError
        Missing or damaged; a variable is missing, has the wrong shape or impossible values.
    """
    mat = MatFile(path, ("OBinp", "r_olfbs", "dt"))
    dt = float(mat.array("dt", (1, 1))[0, 0])
    if not 0 < dt < np.inf:
        raise mat.error("dt", "a positive number", f"{dt}")
    trains = mat.integers("r_olfbs", (None, None), 0, 127)
    n_steps, n_mitral = trains.shape
    table = mat.array("OBinp", (None, _N_SLOTS, 4))
    first = len(table) if kind == "novel" else 0
    odors = tuple(_odor(mat, row, first + k, n_mitral, dt) for k, row in enumerate(table))
    steps, ids = _spikes(trains)
    return OdorSet(
        n_mitral=n_mitral,
        dt=dt,
        n_steps=n_steps,
        odors=odors,
        presentations=_presentations(mat, trains, odors, dt, kind),
        steps=steps,
        ids=ids,
        description={"imported_from": path.name, "kind": kind},
    )


def _odor(mat: MatFile, rows: Array, number: int, n_mitral: int, dt: float) -> Odor:
    """One odor from its table with columns 1-based id, latency [steps], rate [kHz], decay [steps]."""
    activated, inhibited = rows[_ACTIVATED], rows[_INHIBITED]
    for cells in (activated, inhibited):
        mat.check_integers("OBinp", cells[:, 0], 1, n_mitral)
    if (activated[:, 3] <= 0).any():
        raise mat.error("OBinp", "positive decay times of activated cells", f"{activated[:, 3].min()}")
    return Odor(
        number=number,
        activated=activated[:, 0].astype(np.int64) - 1,
        rate=_hertz(activated[:, 2]),
        decay=activated[:, 3] * dt,
        latency=activated[:, 1] * dt,
        inhibited=inhibited[:, 0].astype(np.int64) - 1,
        inhibited_rate=_BASELINE_RATE + _hertz(inhibited[:, 2]),
        inhibited_latency=inhibited[:, 1] * dt,
    )


def _hertz(kilohertz: Array) -> NDArray[np.float64]:
    """Hz without the rounding error of the multiplication: all rates in the tables are whole numbers."""
    return np.round(kilohertz * 1000, 6)


def _milliseconds(step: int, dt: float) -> float:
    return round(step * dt, 6)


def _spikes(trains: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (steps, ids) of all spikes by step, then id; row k of ``trains`` is step k + 1."""
    by_cell = trains.T  # MATLAB stores columns together: walk the memory in its order
    ids, steps = np.nonzero(by_cell)
    counts = by_cell[ids, steps].astype(np.int64)
    order = np.argsort(steps, kind="stable")
    return np.repeat(steps[order] + 1, counts[order]), np.repeat(ids[order], counts[order])


def _presentations(
    mat: MatFile, trains: Array, odors: tuple[Odor, ...], dt: float, kind: Kind
) -> tuple[Presentation, ...]:
    """In every window of baseline and odor, the odor whose activated cells fire most is presented."""
    n_baseline, n_odor = round(_BASELINE / dt), round(_ODOR / dt)
    if len(trains) == 0 or len(trains) % (n_baseline + n_odor):
        expected = f"a multiple of {n_baseline + n_odor} rows ({_BASELINE:g} ms baseline, {_ODOR:g} ms odor)"
        raise mat.error("r_olfbs", expected, f"{len(trains)}")
    presentations = []
    for onset in range(n_baseline, len(trains), n_baseline + n_odor):
        counts = trains[onset : onset + n_odor].sum(axis=0, dtype=np.int64)
        best = max(odors, key=lambda odor: counts[odor.activated].mean())
        presentations.append(
            Presentation(_milliseconds(onset, dt), _milliseconds(onset + n_odor, dt), best.number, kind)
        )
    return tuple(presentations)
