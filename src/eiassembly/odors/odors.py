"""Odors, their presentations and the spike trains of the mitral cells they evoke."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.reprs import counted, html_table


@dataclass(frozen=True, eq=False)
class Odor:
    """Mitral cells that an odor changes, and how (Methods, "Olfactory bulb input").

    Parameters
    ----------
    number : int
        Learned odors are 0, 1, …: odor k is the one assembly k was built from. Novel ones follow.
    activated, inhibited : ndarray of int64
        Ids of mitral cells.
    rate : ndarray of float64, shape of ``activated``
        Extra rate at onset, Hz.
    decay : ndarray of float64, shape of ``activated``
        Time constant with which the extra rate decays, ms.
    latency : ndarray of float64, shape of ``activated``
        From odor onset to the cell's response, ms.
    inhibited_rate : ndarray of float64, shape of ``inhibited``
        Rate during the odor, Hz.
    inhibited_latency : ndarray of float64, shape of ``inhibited``
        ms.
    """

    number: int
    activated: Ids
    rate: Floats
    decay: Floats
    latency: Floats
    inhibited: Ids
    inhibited_rate: Floats
    inhibited_latency: Floats

    def __repr__(self) -> str:
        n_activated, n_inhibited = len(self.activated), len(self.inhibited)
        return f"Odor({self.number}: {n_activated} mitral cells activated, {n_inhibited} inhibited)"


ODOR_UNITS = {
    "activated": "id",
    "rate": "Hz",
    "decay": "ms",
    "latency": "ms",
    "inhibited": "id",
    "inhibited_rate": "Hz",
    "inhibited_latency": "ms",
}
"""Arrays of an odor, and their units."""
SPIKES_VERSION = 1
"""Of the way in which spike trains are drawn: the same seed gives the same spikes only within a version."""


@dataclass(frozen=True)
class Presentation:
    """One odor for a while.

    Parameters
    ----------
    onset, offset : float
        ms.
    odor : int
        Number of the odor or mixture.
    kind : str
        ``learned``, ``novel`` or ``mixture``.
    place : tuple of float, optional
        Mixture coordinates x and y, 0 … 1. Along a morph x goes from the first odor to the last and y is 0;
        in a subspace x goes from left to right and y from top to bottom, as in Tables 3 and 4.
    """

    onset: float
    offset: float
    odor: int
    kind: str
    place: tuple[float, float] | None = None

    @property
    def row(self) -> tuple[float | int | str, ...]:
        """What identifies it, as plain values."""
        return (float(self.onset), float(self.offset), self.odor, self.kind, *(self.place or ()))


@dataclass(frozen=True, eq=False)
class OdorSet:
    """Presentations, the odors in them, and the spikes of all mitral cells or a recipe for these.

    Parameters
    ----------
    n_mitral : int
        Size of the population OB.
    dt : float
        Length of a time step, ms.
    n_steps : int
        Length of the protocol, steps.
    odors : tuple of Odor
        All odors that are known, presented or not.
    presentations : tuple of Presentation
        In the order of their onset.
    steps : ndarray of int64, shape (n_spikes,)
        Time step of every spike, 1-based as in the scheme (step s is the time s·dt), non-decreasing.
    ids : ndarray of int64, shape (n_spikes,)
        Mitral cell of every spike, 0-based, increasing within a step. A cell that fires twice in a step
        is listed twice.
    description : dict
        Where the set comes from; plain JSON values.
    spike_seed : int, optional
        A recipe: ``steps`` and ``ids`` are empty, and the spike trains are to be drawn with this seed (see
        `spike_trains.SpikeTrains`).
    """

    n_mitral: int
    dt: float
    n_steps: int
    odors: tuple[Odor, ...]
    presentations: tuple[Presentation, ...]
    steps: Ids
    ids: Ids
    description: dict[str, Any] = field(default_factory=dict)
    spike_seed: int | None = None

    def __repr__(self) -> str:
        return f"OdorSet({'; '.join(self._summary().values())})"

    def _repr_html_(self) -> str:
        return html_table("Odors", self._summary())

    def _summary(self) -> dict[str, str]:
        has_spikes = self.spike_seed is None
        return {
            "presentations": counted(p.kind for p in self.presentations),
            "duration": f"{self.duration / 1000:g} s",
            "mitral cells": f"{self.n_mitral:,} mitral cells",
            "spikes": f"{len(self.ids):,} spikes" if has_spikes else "spikes drawn when simulated",
        }

    @property
    def duration(self) -> float:
        """Length of the protocol, ms."""
        return self.n_steps * self.dt

    def content_hash(self, spikes: Iterable[Ids] | None = None) -> str:
        """Sha256 of the spikes and the presentations; of a recipe, of all that shapes the spikes.

        Parameters
        ----------
        spikes : iterable of ndarray of int64, optional
            All steps in pieces, then all ids in pieces, in place of those that are held here.
        """
        digest = hashlib.sha256(f"{self.n_mitral} {self.dt!r} {self.n_steps}".encode())
        if self.spike_seed is not None:
            digest.update(f"drawn {SPIKES_VERSION} {self.spike_seed}".encode())
            spikes = self._definitions()
        for piece in (self.steps, self.ids) if spikes is None else spikes:
            digest.update(np.ascontiguousarray(piece, "<i8").tobytes())
        digest.update(json.dumps([p.row for p in self.presentations]).encode())
        return digest.hexdigest()

    def _definitions(self) -> Iterator[Ids]:
        """Yield what the odors are; floats by their bits."""
        for odor in self.odors:
            yield np.array([odor.number, len(odor.activated), len(odor.inhibited)])
            for name in ODOR_UNITS:
                values = getattr(odor, name)
                yield values.astype("<f8").view("<i8") if values.dtype.kind == "f" else values
