"""Odours drawn as in Methods, "Olfactory bulb input", and Poisson spike trains of the mitral cells.

Every odour, cell and second of time has its own stream, so that any window of the spike trains can be drawn
without the rest. *Measured* in the published odour sets where text and sets differ: extra rates stay constant
until 400 ms after onset, inhibited cells fire at 0 … 4 Hz, latencies are 1 … 200 ms in steps of 1 ms.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.streams import Ids, Streams, Words, below, mixed, uniform
from eiassembly.model.config import Config
from eiassembly.model.odors import Odor, OdorSet, Presentation

Floats = NDArray[np.float64]

N_MITRAL = 1500
"""Mitral cells at scale 1."""
BASELINE_RATE = 6.0
"""Of all mitral cells without odour, Hz."""
DECAYS = {"measured": (1100.0, 1600.0, 2200.0), "text": (1000.0, 2000.0, 4000.0)}
"""Time constants of the three classes of activated cells, ms."""

_POOL, _ACTIVATED, _INHIBITED = 1125, 150, 75
_RATES = (8, 32)
_LATENCIES = (1, 200)
_INHIBITED_RATES = (0, 4)
_HOLD = 400.0
_CHUNK = 1000.0
"""Time for which spikes are drawn from one stream, ms."""


def learned_odors(config: Config) -> tuple[Odor, ...]:
    """Draw the odours that the assemblies are built from: number k belongs to assembly k."""
    return tuple(odor_of(config, number) for number in range(config.network.assemblies))


def novel_odors(config: Config) -> tuple[Odor, ...]:
    """Draw the odours that the network has not stored; their numbers follow those of the learned ones."""
    first = config.network.assemblies
    return tuple(odor_of(config, first + k) for k in range(config.odors.novel))


def odor_of(config: Config, number: int) -> Odor:
    """Draw one odour: learned, or novel from the number ``network.assemblies`` on, presented or not.

    Novel ones do not depend on how many are learned. If ``odors.overlap_with`` is set, they share the part
    ``odors.share`` of their activated and of their inhibited cells with that learned odour, and no others.
    """
    index = number - config.network.assemblies
    if index < 0:
        return _draw(config, f"learned odor {number}", number, _Cells.drawn)
    if config.odors.overlap_with is None:
        return _draw(config, f"novel odor {index}", number, _Cells.drawn)
    other = odor_of(config, config.odors.overlap_with)
    sharing = partial(_Cells.sharing, other=other, share=config.odors.share)
    return _draw(config, f"novel odor {index}", number, sharing)


@dataclass(frozen=True, eq=False)
class _Cells:
    """Mitral cells that an odour activates and inhibits."""

    activated: Ids
    inhibited: Ids

    @classmethod
    def drawn(cls, order: Ids, n_activated: int, n_inhibited: int) -> "_Cells":
        """Take the first cells of a random order."""
        return cls(order[:n_activated], order[n_activated : n_activated + n_inhibited])

    @classmethod
    def sharing(cls, order: Ids, n_activated: int, n_inhibited: int, other: Odor, share: float) -> "_Cells":
        """Take a part of the cells of another odour, the others from those that it does not change."""
        activated = order[np.isin(order, other.activated)][: round(share * n_activated)]
        inhibited = order[np.isin(order, other.inhibited)][: round(share * n_inhibited)]
        rest = order[~np.isin(order, np.concatenate([other.activated, other.inhibited]))]
        own = cls.drawn(rest, n_activated - len(activated), n_inhibited - len(inhibited))
        return cls(np.concatenate([activated, own.activated]), np.concatenate([inhibited, own.inhibited]))


def _draw(config: Config, purpose: str, number: int, cells_of: Callable[[Ids, int, int], _Cells]) -> Odor:
    """Draw one odour from the streams of a purpose."""
    scale = config.network.scale
    words = Streams(config.odors.seed, purpose).words(np.arange(_POOL * scale), 4)
    cells = cells_of(np.argsort(words[:, 0]), _ACTIVATED * scale, _INHIBITED * scale)
    decays = np.array(DECAYS[config.odors.decay])
    return Odor(
        number=number,
        activated=cells.activated,
        rate=_between(words[cells.activated, 1], _RATES),
        decay=decays[np.arange(len(cells.activated)) % len(decays)],
        latency=_between(words[cells.activated, 2], _LATENCIES),
        inhibited=cells.inhibited,
        inhibited_rate=_between(words[cells.inhibited, 1], _INHIBITED_RATES),
        inhibited_latency=_between(words[cells.inhibited, 2], _LATENCIES),
    )


def _between(words: Words, limits: tuple[int, int]) -> Floats:
    """Whole numbers, both limits included."""
    low, high = limits
    return (low + below(words, high - low + 1)).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Protocol:
    """Which odour is presented when, without spikes.

    Parameters
    ----------
    odors : tuple of Odor
        All odours, those of the assemblies first.
    presentations : tuple of Presentation
        In the order of their onset, not overlapping.
    n_mitral : int
        Size of the population OB.
    dt : float
        Time step, ms.
    duration : float
        ms.
    seed : int
        Of the spike trains.
    """

    odors: tuple[Odor, ...]
    presentations: tuple[Presentation, ...]
    n_mitral: int
    dt: float
    duration: float
    seed: int

    @property
    def n_steps(self) -> int:
        """Length, steps."""
        return round(self.duration / self.dt)

    @property
    def n_chunks(self) -> int:
        """Number of chunks of one second, the last one perhaps incomplete."""
        return -(-self.n_steps // round(_CHUNK / self.dt))

    def spikes(self, first: int, last: int) -> tuple[Ids, Ids]:
        """Draw the spikes of the chunks ``first`` <= c < ``last``: (steps, ids) as in ``OdorSet``."""
        drawn = [self._background(first, last)]
        drawn += [self._response(index, first, last) for index in range(len(self.presentations))]
        times, ids = (np.concatenate(part) for part in zip(*drawn, strict=True))
        steps = np.floor(times / self.dt).astype(np.int64) + 1
        inside = steps <= self.n_steps
        order = np.lexsort((ids[inside], steps[inside]))
        return steps[inside][order], ids[inside][order]

    def _background(self, first: int, last: int) -> tuple[Floats, Ids]:
        """Spikes at the baseline rate, thinned in cells that an odour inhibits: (times [ms], ids)."""
        cells = np.arange(self.n_mitral)
        rates = np.full(self.n_mitral, BASELINE_RATE)
        times, ids, chance = _candidates(self._words("background", cells), rates, first, last)
        keep = np.ones(len(times), bool)
        for presentation, odor in self._presented(first, last):
            rate, start = np.full(self.n_mitral, BASELINE_RATE), np.full(self.n_mitral, np.inf)
            rate[odor.inhibited] = odor.inhibited_rate
            start[odor.inhibited] = presentation.onset + odor.inhibited_latency
            inhibited = (times > start[ids]) & (times <= presentation.offset)
            keep &= ~inhibited | (chance * BASELINE_RATE < rate[ids])
        return times[keep], cells[ids[keep]]

    def _response(self, index: int, first: int, last: int) -> tuple[Floats, Ids]:
        """Extra spikes of the cells that a presented odour activates: (times [ms], ids)."""
        presentation = self.presentations[index]
        odor = self._odor(presentation.odor)
        first = max(first, int(presentation.onset // _CHUNK))
        last = min(last, int(-(-presentation.offset // _CHUNK)))
        words = self._words(f"response {index}", odor.activated)
        times, row, chance = _candidates(words, odor.rate, first, max(first, last))
        since = times - presentation.onset
        share = np.exp(-np.maximum(since - _HOLD, 0) / odor.decay[row])
        keep = (since > odor.latency[row]) & (times <= presentation.offset) & (chance < share)
        return times[keep], odor.activated[row[keep]]

    def _words(self, purpose: str, cells: Ids) -> Words:
        return Streams(self.seed, f"spikes {purpose}").word(cells)

    def _presented(self, first: int, last: int) -> list[tuple[Presentation, Odor]]:
        overlapping = (p for p in self.presentations if p.offset > first * _CHUNK and p.onset < last * _CHUNK)
        return [(p, self._odor(p.odor)) for p in overlapping]

    def _odor(self, number: int) -> Odor:
        return next(odor for odor in self.odors if odor.number == number)


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
    counts = _poisson(uniform(mixed(streams, 0)), rates * _CHUNK / 1000)
    cell, chunk = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    number = np.arange(len(cell)) - np.repeat(np.cumsum(counts) - counts.ravel(), counts.ravel())
    own = streams[cell, chunk]
    times = (chunks[chunk] + uniform(mixed(own, 2 * number + 1))) * _CHUNK
    return times, cell, uniform(mixed(own, 2 * number + 2))


def _poisson(chance: Floats, means: Floats) -> Ids:
    """Poisson numbers from uniform ones, shape (n_cells, n_chunks), by inversion; one mean per cell."""
    # Imported here as assemblies need odours, but no spikes, and SciPy takes longer to import than to wire.
    from scipy.special import pdtr

    counts = np.empty(chance.shape, np.int64)
    for mean in np.unique(means):
        rows = means == mean
        table = pdtr(np.arange(int(mean + 12 * np.sqrt(mean)) + 20), mean)
        counts[rows] = np.searchsorted(table, chance[rows], side="right")
    return counts


def protocol(config: Config) -> Protocol:
    """Return the configured sequence: baseline and odour in turn, ``odors.baseline`` before every odour."""
    learned, novel = learned_odors(config), novel_odors(config)
    # Novel odours first: in Scaled I networks the activity that a learned odour evokes may persist after its
    # offset and would be taken for the response to the novel odour that follows.
    order = [(odor, "novel") for odor in novel] + [(o, "learned") for o in learned[: config.odors.learned]]
    period = config.odors.baseline + config.odors.duration
    presentations = tuple(
        Presentation(k * period + config.odors.baseline, (k + 1) * period, odor.number, kind)
        for k, (odor, kind) in enumerate(order)
    )
    return Protocol(
        odors=learned + novel,
        presentations=presentations,
        n_mitral=N_MITRAL * config.network.scale,
        dt=config.simulation.dt,
        duration=len(order) * period,
        seed=config.odors.seed,
    )


def draw_odor_set(config: Config) -> OdorSet:
    """Draw the odours, the presentations and all spike trains of a configuration."""
    drawn = protocol(config)
    steps, ids = drawn.spikes(0, drawn.n_chunks)
    return OdorSet(
        n_mitral=drawn.n_mitral,
        dt=drawn.dt,
        n_steps=drawn.n_steps,
        odors=drawn.odors,
        presentations=drawn.presentations,
        steps=steps,
        ids=ids,
        description={"config": config.model_dump()},
    )
