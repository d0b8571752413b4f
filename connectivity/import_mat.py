"""The authors' connection matrices (MATLAB) as a wiring.

Matrices are (source, target) with integer multiplicities; ``Ee`` and ``Ii`` hold 1-based member ids, one
row per assembly, row k belonging to odour k.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.wiring import Assembly, Projection, Wiring
from eiassembly.model.parameters import EXCITATORY, INHIBITORY, NeuronParameters, two_populations

if TYPE_CHECKING:
    from eiassembly.model.mat_files import MatFile

STRENGTH_ORDER = (("E", "E"), ("I", "E"), ("OB", "E"), ("E", "I"), ("OB", "I"), ("I", "I"))
"""(source, target) of the strengths, in the order of the authors' table of networks."""

_MATRICES = {("OB" if key[2] == "o" else key[2].upper(), key[3].upper()): key for key in
             ("w_oe", "w_oi", "w_ee", "w_ei", "w_ie", "w_ii")}  # fmt: skip
_MEMBERS = ("Ee", "Ii")


@dataclass(frozen=True)
class ScaledInhibition:
    """Inhibition of a Scaled I network: I to E of an unstructured network, its strength times ``chi``."""

    path: Path
    chi: float


def import_network(
    path: Path,
    strengths: tuple[float, ...],
    inhibition: ScaledInhibition | None = None,
    neurons: tuple[NeuronParameters, NeuronParameters] = (EXCITATORY, INHIBITORY),
) -> Wiring:
    """Read one of the authors' networks.

    Parameters
    ----------
    path : Path
        File with w_oe, w_oi, w_ee, w_ei, w_ie, w_ii and, if it has assemblies, Ee and Ii.
    strengths : tuple of 6 floats
        Conductance step per spike and contact [nS], in the order of ``STRENGTH_ORDER``.
    inhibition : ScaledInhibition, optional
        Where the projection from I to E comes from instead.
    neurons : tuple of NeuronParameters
        Of E and I; the matrices do not tell.

    Raises
    ------
    FileFormatError
        A file is missing or damaged, a matrix is missing, has the wrong shape or non-integer entries.
    """
    # Imported here as MATLAB files need SciPy, which takes as long to import as a network to build.
    from eiassembly.model.mat_files import MatFile

    mat = MatFile(path, (*_MATRICES.values(), *_MEMBERS))
    sizes = _sizes(mat)
    strength = dict(zip(STRENGTH_ORDER, strengths, strict=True))
    sources = {pair: mat for pair in _MATRICES}
    if inhibition is not None:
        strength["I", "E"] *= inhibition.chi
        sources["I", "E"] = MatFile(inhibition.path, [_MATRICES["I", "E"]])
    return Wiring(
        populations=two_populations(*neurons, sizes),
        projections=tuple(_projection(sources[pair], pair, sizes, strength[pair]) for pair in _MATRICES),
        assemblies=_assemblies(mat, sizes),
        description=_description(path, strengths, inhibition),
    )


def _sizes(mat: "MatFile") -> dict[str, int]:
    """Take the sizes from the two matrices that involve all populations; the others are checked with them."""
    n_mitral, n_exc = mat.array("w_oe", (None, None)).shape
    n_inh = mat.array("w_oi", (n_mitral, None)).shape[1]
    return {"OB": n_mitral, "E": n_exc, "I": n_inh}


def _projection(mat: "MatFile", pair: tuple[str, str], sizes: dict[str, int], strength: float) -> Projection:
    source, target = pair
    matrix = mat.integers(_MATRICES[pair], (sizes[source], sizes[target]), 0, 255)
    by_target = np.ascontiguousarray(matrix.T, dtype=np.uint8)
    entries = np.flatnonzero(by_target)
    return Projection(
        source=source,
        target=target,
        strength=strength,
        n_sources=sizes[source],
        offsets=np.concatenate(([0], np.cumsum(np.count_nonzero(by_target, axis=1)))).astype(np.int64),
        sources=(entries % sizes[source]).astype(np.int32),
        multiplicity=by_target.ravel()[entries],
    )


def _assemblies(mat: "MatFile", sizes: dict[str, int]) -> tuple[Assembly, ...]:
    if "Ee" not in mat:
        return ()
    excitatory = _members(mat, "Ee", None, sizes["E"])
    if "Ii" not in mat:
        return tuple(Assembly(odor, {"E": members}) for odor, members in enumerate(excitatory))
    inhibitory = _members(mat, "Ii", len(excitatory), sizes["I"])
    pairs = enumerate(zip(excitatory, inhibitory, strict=True))
    return tuple(Assembly(odor, {"E": exc, "I": inh}) for odor, (exc, inh) in pairs)


def _members(mat: "MatFile", key: str, n_assemblies: int | None, size: int) -> NDArray[np.int64]:
    """Sorted 0-based ids, shape (n_assemblies, n_members)."""
    return np.sort(mat.integers(key, (n_assemblies, None), 1, size).astype(np.int64) - 1, axis=1)


def _description(
    path: Path, strengths: tuple[float, ...], inhibition: ScaledInhibition | None
) -> dict[str, object]:
    names = [f"{source}_to_{target}" for source, target in STRENGTH_ORDER]
    described: dict[str, object] = {
        "imported_from": path.name,
        "strengths_nS": dict(zip(names, strengths, strict=True)),
    }
    if inhibition is not None:
        described |= {"inhibition_from": inhibition.path.name, "chi": inhibition.chi}
    return described
