"""Writes RUN.h5 of a subspace: spikes of a network whose assemblies fire with their odors."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from run_files import random_projection, write_run

from eiassembly.analysis.runs.run import Run, open_run
from eiassembly.config.odors import MIXTURES
from eiassembly.config.parameters import EXCITATORY, INHIBITORY, two_populations
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.wiring import Wiring
from eiassembly.odors.odors import Odor, Presentation

SIZES = {"OB": 80, "E": 160, "I": 12}
CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
MEMBERS = 40
ACTIVATED = 20


def wiring_of(structure: str, stored: tuple[int, ...], **network: object) -> Wiring:
    """Odor k of four has the mitral cells 20k … and the assembly 40k …, which they project to."""
    rng = np.random.default_rng(5)
    pairs = (("OB", "E"), ("E", "E"), ("I", "E"), ("E", "I"))
    projections = [random_projection(rng, *pair, SIZES) for pair in pairs]
    rows = np.repeat(np.arange(SIZES["E"]) // MEMBERS, 2) * ACTIVATED + np.tile([0, 1], SIZES["E"])
    projections[0] = replace(
        projections[0], offsets=2 * np.arange(SIZES["E"] + 1), sources=rows.astype(np.int32),
        multiplicity=np.ones(len(rows), np.uint8),
    )  # fmt: skip
    config = {
        "network": {"preset": "A", "structure": structure, "seed": 3, "scale": 1, **network},
        "odors": {"seed": 1},
    }
    return Wiring(
        populations=two_populations(EXCITATORY, INHIBITORY, dict(SIZES)),
        projections=tuple(projections),
        assemblies=tuple(Assembly(k, {"E": members_of(k), "I": np.arange(3 * k, 3 * k + 3)}) for k in stored),
        description={"structure": structure, "config": config},
    )


def members_of(odor: int) -> np.ndarray:
    """E cells that odor k drives most."""
    return np.arange(MEMBERS * odor, MEMBERS * (odor + 1))


def odor_of(number: int, cells: np.ndarray) -> Odor:
    """Mitral cells at 16 Hz."""
    values = np.full(len(cells), 10.0)
    nothing = np.empty(0)
    return Odor(number, cells, values, 100 * values, values, nothing.astype(np.int64), nothing, nothing)


def shares(place: tuple[float, float]) -> np.ndarray:
    """Part of every corner at a place."""
    return np.prod(1 - np.abs(np.array(place) - CORNERS), axis=1)


def subspace_run(
    path: Path,
    structure: str = "tuned_ei",
    stored: tuple[int, ...] = (0, 1),
    boost: float = 20.0,
    side: int = 5,
    n_trajectories: int = 8,
    seed: int = 1,
    network: dict[str, object] | None = None,
    odors: dict[str, object] | None = None,
    silent: tuple[int, ...] = (),
) -> Run:
    """Visit ``side`` × ``side`` places again and again; members of stored odors fire up to ``boost`` Hz.

    Others fire up to 12 Hz with their odor and at 4 Hz without; those that are ``silent`` do not.
    """
    rng = np.random.default_rng(seed)
    square = [(x / (side - 1), y / (side - 1)) for y in range(side) for x in range(side)]
    visited = [square[k] for _ in range(n_trajectories) for k in rng.permutation(len(square))]
    presentations = tuple(_presentation(k, place, side, stored) for k, place in enumerate(visited))
    strengths = np.array([boost if k in stored else 12.0 for k in range(4)])
    rates = 4 + np.repeat(np.array([shares(place) for place in visited]) * strengths, MEMBERS, axis=1)
    rates[:, list(silent)] = 0
    duration = presentations[-1].offset
    spikes = {
        "E": _spikes(rng, rates),
        "OB": _spikes(rng, np.full((len(visited), SIZES["OB"]), 6.0)),
        "I": _spikes(rng, np.full((len(visited), SIZES["I"]), 5.0)),
    }
    wiring = wiring_of(structure, stored, **(network or {}))
    run = open_run(write_run(path, wiring, spikes, presentations, duration))
    description = {"config": {"odors": {"kind": "subspace", **(odors or {})}}}
    known = {number_at(place, side): place for place in square}
    mixed = tuple(odor_of(number, _activated(place)) for number, place in known.items())
    vars(run)["odors"] = replace(run.odors, odors=mixed, description=description)
    return run


def number_at(place: tuple[float, float], side: int) -> int:
    """Number of the odor at a place: those of the corners are 0 to 3."""
    if place in CORNERS:
        return CORNERS.index(place)
    return MIXTURES + round((place[0] + side * place[1]) * (side - 1))


def _activated(place: tuple[float, float]) -> np.ndarray:
    parts = [ACTIVATED * k + np.arange(round(ACTIVATED * part)) for k, part in enumerate(shares(place))]
    return np.concatenate(parts).astype(np.int64)


def _presentation(index: int, place: tuple[float, float], side: int, stored: tuple[int, ...]) -> Presentation:
    number = number_at(place, side)
    kind = "mixture" if number >= MIXTURES else ("learned" if number in stored else "novel")
    return Presentation(1000.0 * index, 1000.0 * (index + 1), number, kind, place)


def _spikes(rng: np.random.Generator, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Poisson spikes at so many Hz in successive seconds, shape (n_seconds, n_cells): (steps, ids)."""
    counts = rng.poisson(rates)
    seconds, ids = np.nonzero(counts)
    number = counts[seconds, ids]
    seconds, ids = np.repeat(seconds, number), np.repeat(ids, number)
    steps = 10_000 * seconds + rng.integers(1, 10_001, len(seconds))
    order = np.lexsort((ids, steps))
    return steps[order], ids[order]
