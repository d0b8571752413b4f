"""Recordings as pandas tables and xarray arrays; all times are in ms."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.measures.memory.overlap import activity_overlaps, stored_patterns
from eiassembly.analysis.measures.rates import rates, time_course
from eiassembly.analysis.notebook.trains import (
    assemblies_by_cell,
    chosen_population,
    first_assembly,
    times_of,
)
from eiassembly.analysis.runs.recording import Recording
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.errors import ConfigError
from eiassembly.core.grid import Window
from eiassembly.core.optional import needed
from eiassembly.odors.odors import Presentation

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Cells = Literal["all", "inside", "outside"]
"""All cells; members of the assembly of the presented odor; all others."""


def presentations_frame(recording: Recording) -> "pd.DataFrame":
    """Return what `Conversions.presentations_frame` says."""
    pd = needed("pandas")
    shown = recording.presentations
    places = np.array([p.place or (np.nan, np.nan) for p in shown], np.float64).reshape(-1, 2)
    columns = {name: [getattr(p, name) for p in shown] for name in ("onset", "offset", "odor", "kind")}
    index = pd.RangeIndex(len(shown), name="presentation")
    return pd.DataFrame(columns | {"x": places[:, 0], "y": places[:, 1]}, index=index)


def spikes_frame(
    recording: Recording, population: str | None = None, start: float = 0.0, stop: float | None = None
) -> "pd.DataFrame":
    """Return what `Conversions.spikes_frame` says."""
    pd = needed("pandas")
    name = chosen_population(recording, population)
    last = recording.n_steps if stop is None else round(stop / recording.dt)
    steps, ids = recording.source(name).between(round(start / recording.dt), last)
    times = times_of(recording, steps)
    row = _presentation_of(recording, steps)
    onsets = np.array([p.onset for p in recording.presentations] + [np.nan])
    return pd.DataFrame(
        {
            "time": times,
            "cell": ids,
            "presentation": pd.arrays.IntegerArray(np.maximum(row, 0), row < 0),
            "since_onset": times - onsets[row],
        }
    )


def _presentation_of(recording: Recording, steps: Ids) -> Ids:
    """Row of the presentation at every step: onset < t <= offset; −1 between them."""
    found = np.full(len(steps), -1)
    for row, shown in enumerate(recording.presentations):
        ends = [round(time / recording.dt) for time in (shown.onset, shown.offset)]
        found[slice(*np.searchsorted(steps, ends, side="right"))] = row
    return found


def rates_array(recording: Recording, population: str | None, start: float, stop: float) -> "xr.DataArray":
    """Return what `Conversions.rates` says."""
    xr = needed("xarray")
    name = chosen_population(recording, population)
    shown = recording.presentations
    odors = np.array([p.odor for p in shown], np.int64)
    by_cell = assemblies_by_cell(recording, name)
    return xr.DataArray(
        window_rates(recording, name, start, stop),
        dims=("presentation", "cell"),
        name="rate",
        attrs={"units": "Hz", "population": name, "window": f"{start:g} to {stop:g} ms from onset"},
        coords={
            "presentation": np.arange(len(shown)),
            "cell": np.arange(len(by_cell)),
            "odor": ("presentation", odors),
            "kind": ("presentation", [p.kind for p in shown]),
            "onset": ("presentation", [p.onset for p in shown], {"units": "ms"}),
            "assembly": ("cell", first_assembly(recording, name)),
            "n_assemblies": ("cell", [len(found) for found in by_cell]),
            "member": (("presentation", "cell"), _are_members(recording, name, odors)),
        },
    )


def window_rates(recording: Recording, population: str, start: float, stop: float) -> Floats:
    """Rate of every cell in a window around every onset, Hz, shape (n_presentations, n_cells).

    Raises
    ------
    ConfigError
        The window is empty.
    """
    _check_window(start, stop)
    windows = [_window(recording, p, start, stop) for p in recording.presentations]
    is_inside = np.array([w.first >= 0 and w.last <= recording.n_steps for w in windows], bool)
    found = rates(recording.source(population), windows)
    return np.where(is_inside[:, None], found, np.nan)


def _window(recording: Recording, shown: Presentation, start: float, stop: float) -> Window:
    first, last = (round((shown.onset + time) / recording.dt) for time in (start, stop))
    return Window(first, last, stop - start)


def _check_window(start: float, stop: float) -> None:
    if not start < stop:
        raise ConfigError(f"stop: expected a time after start, {start:g} ms, found {stop:g} ms")


def _are_members(recording: Recording, population: str, odors: Ids) -> NDArray[np.bool_]:
    """Whether cells belong to the assembly of the presented odor, shape (n_presentations, n_cells)."""
    assemblies = recording.wiring.assemblies
    stored = stored_patterns(assemblies, population, recording.source(population).n_cells)
    nobody = np.zeros((1, stored.shape[1]), bool)
    rows = {assembly.odor: row for row, assembly in enumerate(assemblies)}
    return np.asarray(np.concatenate([stored, nobody])[[rows.get(odor, -1) for odor in odors.tolist()]])


def psth_frame(
    recording: Recording, population: str | None, start: float, stop: float, width: float, cells: Cells
) -> "pd.DataFrame":
    """Return what `Conversions.psth` says."""
    pd = needed("pandas")
    centres, rows, courses = courses_around(recording, population, start, stop, width, cells)
    shown = presentations_frame(recording)[["odor", "kind"]].iloc[rows].reset_index()
    table = shown.loc[np.repeat(np.arange(len(rows)), len(centres))].reset_index(drop=True)
    return pd.DataFrame(table).assign(time=np.tile(centres, len(rows)), rate=courses.ravel())


def courses_around(
    recording: Recording, population: str | None, start: float, stop: float, width: float, cells: Cells
) -> tuple[Floats, Ids, Floats]:
    """Mean rate per cell in bins around every onset; for the arguments see `Conversions.psth`.

    Returns
    -------
    times : ndarray of float64, shape (n_bins,)
        Middle of every bin, ms from onset.
    rows : ndarray of int64, shape (n_shown,)
        Presentations that have such cells.
    rates : ndarray of float64, shape (n_shown, n_bins)
        Hz; NaN in bins that leave the recording.

    Raises
    ------
    ConfigError
        The bins do not fill the window, are not whole time steps, or ``cells`` is none of the three.
    """
    name = chosen_population(recording, population)
    centres = _bin_centres(recording, start, stop, width)
    shown = _shown_to(recording, name, cells)
    courses = [_course(recording, name, p, (start, stop, width), group) for _, p, group in shown]
    rows = np.array([row for row, _, _ in shown], np.int64)
    return centres, rows, np.array(courses).reshape(len(rows), len(centres))


def _bin_centres(recording: Recording, start: float, stop: float, width: float) -> Floats:
    _check_window(start, stop)
    n_bins, n_steps = (stop - start) / width if width > 0 else 0.0, width / recording.dt
    for number, expected in ((n_bins, f"a part of {stop - start:g} ms"), (n_steps, "whole time steps")):
        if round(number) < 1 or abs(number - round(number)) > 1e-6:
            raise ConfigError(f"width: expected {expected}, found {width:g} ms")
    return np.asarray(start + width * (np.arange(round(n_bins)) + 0.5))


def _shown_to(
    recording: Recording, population: str, cells: Cells
) -> Sequence[tuple[int, Presentation, Ids | None]]:
    """Presentations with the cells to average over; None for all."""
    if cells not in ("all", "inside", "outside"):
        raise ConfigError(f"cells: expected 'all', 'inside' or 'outside', found {cells!r}")
    presentations = tuple(enumerate(recording.presentations))
    if cells == "all":
        return [(row, p, None) for row, p in presentations]
    is_member = _are_members(recording, population, np.array([p.odor for _, p in presentations], np.int64))
    wanted = is_member if cells == "inside" else ~is_member
    return [(row, p, np.flatnonzero(wanted[row])) for row, p in presentations if is_member[row].any()]


def _course(
    recording: Recording, name: str, shown: Presentation, bins: tuple[float, float, float], cells: Ids | None
) -> Floats:
    start, stop, width = bins
    source, onset = recording.source(name), shown.onset
    found = time_course(source, recording.dt, onset + start, onset + stop, width, cells)
    edges = np.rint((onset + start + width * np.arange(len(found) + 1)) / recording.dt)
    return np.where((edges[:-1] >= 0) & (edges[1:] <= recording.n_steps), found, np.nan)


def overlaps_frame(recording: Recording, start: float, stop: float) -> "pd.DataFrame":
    """Return what `Conversions.overlaps` says."""
    pd = needed("pandas")
    excitatory = recording.population_names.excitatory
    activity = window_rates(recording, excitatory, start, stop)
    assemblies = recording.wiring.assemblies
    overlaps = activity_overlaps(activity, stored_patterns(assemblies, excitatory, activity.shape[1]))
    rows = np.repeat(np.arange(len(activity)), len(assemblies))
    memories = np.tile(np.array([a.odor for a in assemblies], np.int64), len(activity))
    shown = presentations_frame(recording)[["odor", "kind"]].iloc[rows].reset_index()
    return pd.DataFrame(shown).assign(
        memory=memories, own=shown["odor"].to_numpy() == memories, overlap=overlaps.ravel()
    )
