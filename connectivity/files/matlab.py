"""The authors' connection matrices (MATLAB) as a wiring.

Matrices are (source, target) with integer multiplicities; ``Ee`` and ``Ii`` hold 1-based member ids, one
row per assembly, row k belonging to odor k. In networks with three populations the first half of the I
neurons are the feedback ones (FBI), which receive nothing from OB, the second half the feedforward ones
(FFI).
"""

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eiassembly.config.parameters import (
    EXCITATORY,
    INHIBITORY,
    SIMPLE,
    Population,
    three_populations,
    two_populations,
)
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.wiring import MOST_CONTACTS, Projection, Wiring
from eiassembly.core.errors import ConfigError

if TYPE_CHECKING:
    from eiassembly.core.matlab import MatFile

Pair = tuple[str, str]

_MATRICES = ("w_oe", "w_oi", "w_ee", "w_ei", "w_ie", "w_ii")
_MEMBERS = ("Ee", "Ii")


@dataclass(frozen=True)
class StrengthLayout:
    """What the strengths of a kind of network belong to.

    Parameters
    ----------
    inhibitory : tuple of str
        Populations that the I neurons of the matrices are, in equal parts.
    strengths : dict
        Name of a strength → (source, target) of the projections that have it, in the order of the authors'
        tables of networks. There are no other projections.
    scaled : tuple of str
        (source, target) of the projection whose strength χ multiplies.
    may_lack : tuple of (source, target)
        Projections that only some of the networks have.
    """

    inhibitory: tuple[str, ...]
    strengths: dict[str, tuple[Pair, ...]]
    scaled: Pair
    may_lack: tuple[Pair, ...] = ()


TWO = StrengthLayout(
    inhibitory=("I",),
    strengths={
        "EE": (("E", "E"),),
        "IE": (("I", "E"),),
        "OE": (("OB", "E"),),
        "EI": (("E", "I"),),
        "OI": (("OB", "I"),),
        "II": (("I", "I"),),
    },
    scaled=("I", "E"),
)
THREE = StrengthLayout(
    inhibitory=("FBI", "FFI"),
    strengths={
        "EE": (("E", "E"),),
        "FFI-E": (("FFI", "E"),),
        "OE": (("OB", "E"),),
        "E-FBI": (("E", "FBI"), ("E", "FFI")),
        "O-FFI": (("OB", "FFI"),),
        "II": (("FBI", "FBI"), ("FFI", "FFI")),
        "FBI-E": (("FBI", "E"),),
    },
    scaled=("FBI", "E"),
    may_lack=(("E", "FFI"),),
)
N_STRENGTHS = tuple(len(layout.strengths) for layout in (TWO, THREE))


@dataclass(frozen=True)
class ScaledInhibition:
    """Inhibition of a Scaled I network: I to E of an unstructured network, its strength times ``chi``."""

    path: Path
    chi: float


def import_network(
    path: Path,
    strengths: tuple[float, ...],
    inhibition: ScaledInhibition | None = None,
    simple: bool = False,
) -> Wiring:
    """Read one of the authors' networks, with two or three populations of neurons.

    Parameters
    ----------
    path : Path
        File with w_oe, w_oi, w_ee, w_ei, w_ie, w_ii and, if it has assemblies, Ee and Ii.
    strengths : tuple of 6 or 7 floats
        Conductance step per spike and contact [nS], in the order of ``TWO`` or ``THREE``.
    inhibition : ScaledInhibition, optional
        Where the projections from inhibitory neurons to E come from instead.
    simple : bool
        Neurons of the simple model; the matrices do not tell.

    Raises
    ------
    FileFormatError
        A file is missing or damaged, a matrix is missing, has the wrong shape or non-integer entries, or has
        connections that no strength belongs to.
    ConfigError
        Not the number of strengths, or the neurons, of this kind of network.
    """
    # Imported here as MATLAB files need SciPy, which takes as long to import as a network to build.
    from eiassembly.core.matlab import MatFile

    mat = MatFile(path, (*_MATRICES, *_MEMBERS))
    cells = _CellBlocks.of(mat)
    strength = _by_pair(path, strengths, cells.layout)
    others = {}
    if inhibition is not None:
        strength[cells.layout.scaled] *= inhibition.chi
        others["w_ie"] = MatFile(inhibition.path, ["w_ie"])
    projections = [
        projection
        for key in _MATRICES
        for projection in _projections(others.get(key, mat), key, cells, strength)
    ]
    return Wiring(
        populations=_populations(path, cells, simple),
        projections=tuple(projections),
        assemblies=_assemblies(mat, cells),
        description=_description(path, strengths, inhibition, cells.layout),
    )


@dataclass(frozen=True)
class _CellBlocks:
    """Which rows and columns of the matrices are which population: slices by name, by letter."""

    layout: StrengthLayout
    by_letter: dict[str, dict[str, slice]]

    @classmethod
    def of(cls, mat: "MatFile") -> "_CellBlocks":
        """Tell by the two matrices that involve all populations; the others are checked with the sizes."""
        n_mitral, n_exc = mat.array("w_oe", (None, None)).shape
        to_inhibitory = mat.array("w_oi", (n_mitral, None))
        n_inh = to_inhibitory.shape[1]
        half = n_inh // 2
        is_three = to_inhibitory[:, half:].any() and not to_inhibitory[:, :half].any() and half > 0
        layout = THREE if is_three else TWO
        size = n_inh // len(layout.inhibitory)
        inhibitory = {name: slice(k * size, (k + 1) * size) for k, name in enumerate(layout.inhibitory)}
        by_letter = {"o": {"OB": slice(0, n_mitral)}, "e": {"E": slice(0, n_exc)}, "i": inhibitory}
        return cls(layout, by_letter)

    @property
    def sizes(self) -> dict[str, int]:
        """Number of cells by population."""
        parts = {name: part for parts in self.by_letter.values() for name, part in parts.items()}
        return {name: part.stop - part.start for name, part in parts.items()}

    def number(self, letter: str) -> int:
        """Rows or columns of the matrices with this letter."""
        return sum(part.stop - part.start for part in self.by_letter[letter].values())


def _by_pair(path: Path, strengths: tuple[float, ...], layout: StrengthLayout) -> dict[Pair, float]:
    if len(strengths) != len(layout.strengths):
        expected = f"{len(layout.strengths)} numbers {','.join(layout.strengths)}"
        *others, last = ("OB", "E", *layout.inhibitory)
        kind = f"{', '.join(others)} and {last}"
        raise ConfigError(
            f"{path}: --strengths: expected {expected} for a network of {kind}, found {len(strengths)}"
        )
    named = zip(layout.strengths.values(), strengths, strict=True)
    return {pair: strength for pairs, strength in named for pair in pairs}


def _populations(path: Path, cells: _CellBlocks, simple: bool) -> tuple[Population, ...]:
    if cells.layout is TWO:
        neurons = (SIMPLE, SIMPLE) if simple else (EXCITATORY, INHIBITORY)
        return two_populations(*neurons, cells.sizes)
    if simple:
        raise ConfigError(
            f"{path}: --simple: expected a network of OB, E and I, found one of OB, E, FBI and FFI"
        )
    return three_populations(cells.sizes)


def _projections(
    mat: "MatFile", key: str, cells: _CellBlocks, strength: dict[Pair, float]
) -> list[Projection]:
    """Cut the projections out of one matrix."""
    rows, columns = cells.by_letter[key[2]], cells.by_letter[key[3]]
    matrix = mat.integers(key, (cells.number(key[2]), cells.number(key[3])), 0, MOST_CONTACTS)
    found = []
    for source, target in product(rows, columns):
        block = matrix[rows[source], columns[target]]
        if (source, target) in strength:
            if block.any() or (source, target) not in cells.layout.may_lack:
                found.append(_projection(block, source, target, strength[source, target]))
        elif block.any():
            raise mat.error(key, f"no connections from {source} to {target}", f"{np.count_nonzero(block)}")
    return found


def _projection(block: NDArray[np.generic], source: str, target: str, strength: float) -> Projection:
    by_target = np.ascontiguousarray(block.T, dtype=np.uint8)
    entries = np.flatnonzero(by_target)
    return Projection(
        source=source,
        target=target,
        strength=strength,
        n_sources=len(block),
        offsets=np.concatenate(([0], np.cumsum(np.count_nonzero(by_target, axis=1)))).astype(np.int64),
        sources=(entries % len(block)).astype(np.int32),
        multiplicity=by_target.ravel()[entries],
    )


def _assemblies(mat: "MatFile", cells: _CellBlocks) -> tuple[Assembly, ...]:
    if "Ee" not in mat:
        return ()
    letters = [("Ee", "e"), ("Ii", "i")] if "Ii" in mat else [("Ee", "e")]
    n_assemblies = len(mat.array("Ee", (None, None)))
    rows = [
        (cells.by_letter[letter], mat.integers(key, (n_assemblies, None), 1, cells.number(letter)))
        for key, letter in letters
    ]
    return tuple(
        Assembly(odor, {name: ids for parts, ids_of in rows for name, ids in _split(ids_of[odor], parts)})
        for odor in range(n_assemblies)
    )


def _split(ids: NDArray[np.generic], parts: dict[str, slice]) -> list[tuple[str, NDArray[np.int64]]]:
    """Sorted 0-based ids in each population; those without members are left out."""
    found = np.sort(ids.astype(np.int64) - 1)
    own = [
        (name, found[(found >= part.start) & (found < part.stop)] - part.start)
        for name, part in parts.items()
    ]
    return [(name, members) for name, members in own if len(members)]


def _description(
    path: Path, strengths: tuple[float, ...], inhibition: ScaledInhibition | None, layout: StrengthLayout
) -> dict[str, object]:
    described: dict[str, object] = {
        "imported_from": path.name,
        "strengths_nS": {
            f"{source}_to_{target}": strength
            for pairs, strength in zip(layout.strengths.values(), strengths, strict=True)
            for source, target in pairs
        },
    }
    if inhibition is not None:
        described |= {
            "inhibition_from": inhibition.path.name,
            "scaled": "_to_".join(layout.scaled),
            "chi": inhibition.chi,
        }
    return described
