"""Poisson spike trains of the mitral cells, drawn from odors and their presentations.

Every second of time, cell and presentation has its own stream, so that any window of the spike trains can be
drawn without the rest. *Measured* in the published odor sets where text and sets differ: extra rates stay
constant until 400 ms after onset.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.random import Streams, Words, mixed, uniform
from eiassembly.odors.odors import Odor, OdorSet, Presentation

BASELINE_RATE = 6.0
"""Of all mitral cells without odor, Hz."""
CHUNK = 1000.0
"""Time for which spikes are drawn from one stream, ms."""
_HOLD = 400.0
_NOBODY = np.empty(0, np.int64)
_ROUNDING = 1e-9
"""Part of a chunk by which the end of a step may miss that of the chunk."""


def with_spikes(odor_set: OdorSet) -> OdorSet:
    """Draw the spike trains of a recipe; other sets have theirs."""
    if odor_set.spike_seed is None:
        return odor_set
    trains = SpikeTrains(odor_set)
    seconds = [trains.drawn(chunk, chunk + 1) for chunk in range(trains.n_chunks)]
    steps, ids = (np.concatenate(part) for part in zip(*seconds, strict=True))
    steps, ids = sorted_spikes(steps, ids, odor_set.n_mitral)
    return replace(odor_set, steps=steps, ids=ids, spike_seed=None)


class SpikeTrains:
    """Spike trains of a recipe; nothing is kept.

    A cell that responds to two odors without a pause between them goes on without a new latency: the
    places of a trajectory are not sniffs of their own.

    Parameters
    ----------
    recipe : OdorSet
        Odors, presentations and seed.
    """

    def __init__(self, recipe: OdorSet):
        if recipe.spike_seed is None:
            raise ValueError("expected a recipe, found an odor set with spikes")
        self.recipe = recipe
        self._seed = recipe.spike_seed
        self._odors = {odor.number: odor for odor in recipe.odors}
        self._offsets = np.array([p.offset for p in recipe.presentations])
        self._onsets = np.array([p.onset for p in recipe.presentations])

    @property
    def n_chunks(self) -> int:
        """Number of chunks of one second, the last one perhaps incomplete."""
        return self.chunks_until(self.recipe.n_steps)

    def chunks_until(self, step: int) -> int:
        """Chunks that have begun before the end of a step, steps counted from 1."""
        return math.ceil(min(step, self.recipe.n_steps) * self.recipe.dt / CHUNK - _ROUNDING)

    def chunk_after(self, step: int) -> int:
        """Chunk in which the step after this one begins."""
        return math.floor(max(step * self.recipe.dt / CHUNK - _ROUNDING, 0))

    def drawn(self, first: int, last: int) -> tuple[Ids, Ids]:
        """Draw the spikes of the chunks ``first`` <= c < ``last``: (steps, ids) as in ``OdorSet``."""
        shown = self._presented(first, last)
        parts = [self._background(shown, first, last)]
        parts += [self._response(index, first, last) for index in shown]
        times, ids = (np.concatenate(part) for part in zip(*parts, strict=True))
        steps = np.floor(times / self.recipe.dt).astype(np.int64) + 1
        inside = steps <= self.recipe.n_steps
        return sorted_spikes(steps[inside], ids[inside], self.recipe.n_mitral)

    def _presented(self, first: int, last: int) -> Sequence[int]:
        """Presentations that overlap some chunks."""
        overlapping = (self._offsets > first * CHUNK) & (self._onsets < last * CHUNK)
        found: list[int] = np.flatnonzero(overlapping).tolist()
        return found

    def _background(self, shown: Sequence[int], first: int, last: int) -> tuple[Floats, Ids]:
        """Spikes at the baseline rate, thinned in cells that an odor inhibits: (times [ms], ids)."""
        n_mitral = self.recipe.n_mitral
        rates = np.full(n_mitral, BASELINE_RATE)
        times, ids, chance = _candidates(self._background_words, rates, first, last)
        keep = np.ones(len(times), bool)
        for index in shown:
            presentation, odor, before = self._at(index)
            already = _NOBODY if before is None else before.inhibited
            latency = _latency(odor.inhibited_latency, odor.inhibited, already)
            rate, start = np.full(n_mitral, BASELINE_RATE), np.full(n_mitral, np.inf)
            rate[odor.inhibited] = odor.inhibited_rate
            start[odor.inhibited] = presentation.onset + latency
            inhibited = (times > start[ids]) & (times <= presentation.offset)
            keep &= ~inhibited | (chance * BASELINE_RATE < rate[ids])
        return times[keep], ids[keep]

    def _response(self, index: int, first: int, last: int) -> tuple[Floats, Ids]:
        """Extra spikes of the cells that a presented odor activates: (times [ms], ids)."""
        presentation, odor, before = self._at(index)
        first = max(first, int(presentation.onset // CHUNK))
        last = min(last, int(-(-presentation.offset // CHUNK)))
        words = self._words(f"response {index}", odor.activated)
        times, row, chance = _candidates(words, odor.rate, first, max(first, last))
        already = _NOBODY if before is None else before.activated
        latency = _latency(odor.latency, odor.activated, already)
        since = times - presentation.onset
        share = np.exp(-np.maximum(since - _HOLD, 0) / odor.decay[row])
        keep = (since > latency[row]) & (times <= presentation.offset) & (chance < share)
        return times[keep], odor.activated[row[keep]]

    @cached_property
    def _background_words(self) -> Words:
        return self._words("background", np.arange(self.recipe.n_mitral))

    def _words(self, purpose: str, cells: Ids) -> Words:
        return Streams(self._seed, f"spikes {purpose}").word(cells)

    def _at(self, index: int) -> tuple[Presentation, Odor, Odor | None]:
        """One presentation, its odor, and the odor that has ended at its onset."""
        shown = self.recipe.presentations
        is_going_on = index > 0 and shown[index - 1].offset == shown[index].onset
        before = self._odors[shown[index - 1].odor] if is_going_on else None
        return shown[index], self._odors[shown[index].odor], before


def sorted_spikes(steps: Ids, ids: Ids, n_mitral: int) -> tuple[Ids, Ids]:
    """Sort spikes by step, those of a step by cell; there are ``n_mitral`` cells."""
    keys = steps * n_mitral + ids  # sorting one array is far faster than ordering by two
    keys.sort()
    return np.divmod(keys, n_mitral)


def _latency(latency: Floats, cells: Ids, already: Ids) -> Floats:
    """Latencies, none in cells that respond already."""
    return np.where(np.isin(cells, already), 0.0, latency)


def _candidates(words: Words, rates: Floats, first: int, last: int) -> tuple[Floats, Ids, Floats]:
    """Draw a Poisson process at constant rates from one word per cell.

    Returns
    -------
    times : ndarray of float64
        ms.
    row : ndarray of int64
        Index into ``words``.
    chance : ndarray of float64
        A uniform random number per event, for thinning.
    """
    chunks = np.arange(first, last)
    streams = mixed(words[:, np.newaxis], chunks)
    counts = _poisson(uniform(mixed(streams, 0)), rates * CHUNK / 1000)
    cell, chunk = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    number = np.arange(len(cell)) - np.repeat(np.cumsum(counts) - counts.ravel(), counts.ravel())
    own = streams[cell, chunk]
    times = (chunks[chunk] + uniform(mixed(own, 2 * number + 1))) * CHUNK
    return times, cell, uniform(mixed(own, 2 * number + 2))


def _poisson(chance: Floats, means: Floats) -> Ids:
    """Poisson numbers from uniform ones, shape (n_cells, n_chunks), by inversion; one mean per cell."""
    # Imported here as assemblies need odors, but no spikes, and SciPy takes longer to import than to wire.
    from scipy.special import pdtr

    counts = np.empty(chance.shape, np.int64)
    for mean in np.unique(means):
        rows = means == mean
        table = pdtr(np.arange(int(mean + 12 * np.sqrt(mean)) + 20), mean)
        counts[rows] = np.searchsorted(table, chance[rows], side="right")
    return counts
