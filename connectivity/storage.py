"""NET.h5: a wiring as a file, whole or only for some of its targets.

Layout, below the root or below any group the root was copied into::

    /                                  attributes: format, version_number, content_hash
    /description                       where the network comes from, JSON
    /populations                       attribute order; one group per population
    /populations/<NAME>                attributes: size, sign and, unless it is a source of given
                                       spikes, the neuron parameters in their units of Table 1
    /projections                       attribute order; one group per projection
    /projections/<SOURCE>_to_<TARGET>  attributes: source, target, strength [nS], n_sources;
                                       datasets offsets, sources, multiplicity (see ``Projection``)
    /assemblies/<index>                attribute odor; a dataset per population with members: their ids
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.wiring import Assembly, Projection, Wiring
from eiassembly.model.errors import FileFormatError
from eiassembly.model.files import opened
from eiassembly.model.hdf5_writing import created
from eiassembly.model.parameters import NeuronParameters, Population
from eiassembly.model.schema import NETWORK_FORMAT, VERSION

_ALL = slice(None)
_BLOCK = 1 << 22
"""Entries that are read at once when only some targets are wanted: bounds the memory to 20 MB."""


def save(wiring: Wiring, path: Path) -> None:
    """Write NET.h5.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    with created(path) as h5:
        write_wiring(h5, wiring)


def load(path: Path) -> Wiring:
    """Read NET.h5.

    Raises
    ------
    FileFormatError
        Missing, damaged, of another kind, or not what its content hash says.
    """
    with opened(path, NETWORK_FORMAT, VERSION) as h5:
        return read_wiring(h5)


def write_wiring(group: h5py.Group, wiring: Wiring) -> None:
    """Write a whole wiring into an empty group (the root of NET.h5 or a group of another file)."""
    group.attrs["format"] = NETWORK_FORMAT
    group.attrs["version_number"] = VERSION
    group.attrs["content_hash"] = wiring.content_hash()
    group["description"] = json.dumps(wiring.description)
    populations = group.create_group("populations")
    populations.attrs["order"] = [population.name for population in wiring.populations]
    for population in wiring.populations:
        _write_population(populations.create_group(population.name), population)
    projections = group.create_group("projections")
    projections.attrs["order"] = [projection.name for projection in wiring.projections]
    for projection in wiring.projections:
        write_projection(projections.create_group(projection.name), projection)
    assemblies = group.create_group("assemblies")
    for index, assembly in enumerate(wiring.assemblies):
        _write_assembly(assemblies.create_group(str(index)), assembly)


def read_wiring(group: h5py.Group, targets: Mapping[str, slice] = MappingProxyType({})) -> Wiring:
    """Read a wiring, or the part of it that ends on some targets.

    Parameters
    ----------
    group : h5py.Group
        Root of NET.h5 or a copy of it.
    targets : mapping of str to slice
        For a population the targets whose inputs are read, e.g. ``{"E": slice(rank, None, ranks)}``;
        all targets of populations that are not named.

    Raises
    ------
    FileFormatError
        The whole wiring was read and is not what its content hash says.
    """
    wiring = Wiring(
        populations=tuple(_read_population(g) for g in _ordered(group["populations"])),
        projections=tuple(
            read_projection(g, targets.get(g.attrs["target"], _ALL)) for g in _ordered(group["projections"])
        ),
        assemblies=read_assemblies(group),
        description=json.loads(group["description"].asstr()[()]),
    )
    if not targets and wiring.content_hash() != group.attrs["content_hash"]:
        raise FileFormatError(
            f"{group.file.filename}: {group.name}: content does not match its content_hash; "
            "the file was damaged or changed after it was written"
        )
    return wiring


def read_assemblies(group: h5py.Group) -> tuple[Assembly, ...]:
    """Read only the assemblies of a wiring."""
    assemblies = group["assemblies"]
    groups = (assemblies[str(index)] for index in range(len(assemblies)))
    return tuple(Assembly(int(g.attrs["odor"]), {name: g[name][:] for name in g}) for g in groups)


def write_projection(group: h5py.Group, projection: Projection) -> None:
    """Write a whole projection into an empty group."""
    group.attrs["source"] = projection.source
    group.attrs["target"] = projection.target
    group.attrs["strength"] = projection.strength
    group.attrs["strength_units"] = "nS"
    group.attrs["n_sources"] = projection.n_sources
    group["offsets"] = projection.offsets
    group["sources"] = projection.sources
    group["multiplicity"] = projection.multiplicity


def read_projection(group: h5py.Group, targets: slice = _ALL) -> Projection:
    """Read a projection, or only the inputs of some targets, without ever holding the rest.

    Parameters
    ----------
    group : h5py.Group
        Group of the projection.
    targets : slice
        Of target ids, with a positive step; ``slice(rank, None, ranks)`` is every ranks-th target.
    """
    offsets = group["offsets"][:]
    wanted = np.arange(len(offsets) - 1)[targets]
    counts = np.diff(offsets)[wanted]
    start, _, step = targets.indices(len(offsets) - 1)
    return Projection(
        source=str(group.attrs["source"]),
        target=str(group.attrs["target"]),
        strength=float(group.attrs["strength"]),
        n_sources=int(group.attrs["n_sources"]),
        offsets=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        sources=_read_rows(group["sources"], offsets, wanted),
        multiplicity=_read_rows(group["multiplicity"], offsets, wanted),
        first_target=start,
        target_step=step,
    )


def _read_rows(dataset: h5py.Dataset, offsets: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[Any]:
    """Entries of the wanted targets; read in blocks because single rows are slow and all may be too many."""
    if len(wanted) == 0:
        return np.empty(0, dataset.dtype)
    if len(wanted) == wanted[-1] - wanted[0] + 1:
        return np.asarray(dataset[offsets[wanted[0]] : offsets[wanted[-1] + 1]])
    block_of = offsets[wanted] // _BLOCK
    parts = []
    for rows in np.split(wanted, np.flatnonzero(np.diff(block_of)) + 1):
        between = slice(rows[0], rows[-1] + 1)
        is_wanted = np.isin(np.arange(rows[0], rows[-1] + 1), rows, assume_unique=True)
        entries = dataset[offsets[rows[0]] : offsets[rows[-1] + 1]]
        parts.append(entries[np.repeat(is_wanted, np.diff(offsets)[between])])
    return np.concatenate(parts)


def _ordered(group: h5py.Group) -> list[h5py.Group]:
    return [group[name] for name in group.attrs["order"]]


def _write_population(group: h5py.Group, population: Population) -> None:
    group.attrs["size"] = population.size
    group.attrs["sign"] = population.sign
    if population.neuron is not None:
        group.attrs.update(population.neuron.model_dump())


def _read_population(group: h5py.Group) -> Population:
    parameters = {key: float(group.attrs[key]) for key in NeuronParameters.model_fields if key in group.attrs}
    return Population(
        name=group.name.rsplit("/", 1)[-1],
        size=int(group.attrs["size"]),
        sign=group.attrs["sign"],
        neuron=NeuronParameters(**parameters) if parameters else None,
    )


def _write_assembly(group: h5py.Group, assembly: Assembly) -> None:
    group.attrs["odor"] = assembly.odor
    for name, members in assembly.members.items():
        group[name] = members
