"""Odours, their presentations and the spike trains of the mitral cells they evoke."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Odor:
    """Mitral cells that an odour changes, and how (Methods, "Olfactory bulb input").

    Parameters
    ----------
    number : int
        Learned odours are 0, 1, …: odour k is the one assembly k was built from. Novel ones follow.
    activated, inhibited : ndarray of int64
        Ids of mitral cells.
    rate : ndarray of float64, shape of ``activated``
        Extra rate at onset, Hz.
    decay : ndarray of float64, shape of ``activated``
        Time constant with which the extra rate decays, ms.
    latency : ndarray of float64, shape of ``activated``
        From odour onset to the cell's response, ms.
    inhibited_rate : ndarray of float64, shape of ``inhibited``
        Rate during the odour, Hz.
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


@dataclass(frozen=True)
class Presentation:
    """One odour for a while: onset and offset in ms, kind ``learned`` or ``novel``."""

    onset: float
    offset: float
    odor: int
    kind: str


@dataclass(frozen=True, eq=False)
class OdorSet:
    """A protocol: presentations, the odours in it, and the spikes of all mitral cells.

    Parameters
    ----------
    n_mitral : int
        Size of the population OB.
    dt : float
        Length of a time step, ms.
    n_steps : int
        Length of the protocol, steps.
    odors : tuple of Odor
        All odours that are known, presented or not.
    presentations : tuple of Presentation
        In the order of their onset.
    steps : ndarray of int64, shape (n_spikes,)
        Time step of every spike, 1-based as in the scheme (step s is the time s·dt), non-decreasing.
    ids : ndarray of int64, shape (n_spikes,)
        Mitral cell of every spike, 0-based, increasing within a step. A cell that fires twice in a step
        is listed twice.
    description : dict
        Where the set comes from; plain JSON values.
    """

    n_mitral: int
    dt: float
    n_steps: int
    odors: tuple[Odor, ...]
    presentations: tuple[Presentation, ...]
    steps: Ids
    ids: Ids
    description: dict[str, Any] = field(default_factory=dict)

    @property
    def duration(self) -> float:
        """Length of the protocol, ms."""
        return self.n_steps * self.dt

    def content_hash(self, spikes: Iterable[Ids] | None = None) -> str:
        """Sha256 of the spikes and the presentations.

        Parameters
        ----------
        spikes : iterable of ndarray of int64, optional
            All steps in pieces, then all ids in pieces, in place of those that are held here.
        """
        digest = hashlib.sha256(f"{self.n_mitral} {self.dt!r} {self.n_steps}".encode())
        for piece in (self.steps, self.ids) if spikes is None else spikes:
            digest.update(np.ascontiguousarray(piece, "<i8").tobytes())
        table = [(p.onset, p.offset, p.odor, p.kind) for p in self.presentations]
        digest.update(json.dumps(table).encode())
        return digest.hexdigest()
