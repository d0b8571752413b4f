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
    /assemblies/<index>                attributes odor, recorded (is it known what storing it has moved);
                                       a dataset per population with members: their ids
    /moves                             what storing the memories has moved, see ``projections``
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import h5py

from eiassembly.config.parameters import NeuronParameters, Population
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.content_hash import content_hash
from eiassembly.connectivity.files.projections import (
    create_projection,
    hashed,
    read_projection,
    with_moves,
    write_moves,
    write_projection,
)
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.communicator import Collectives
from eiassembly.core.errors import FileFormatError
from eiassembly.core.files import opened
from eiassembly.core.hdf5 import created
from eiassembly.core.schema import NETWORK_FORMAT, VERSION

_ALL = slice(None)


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
    _write_frame(group, wiring)
    for projection in wiring.projections:
        write_projection(group["projections"][projection.name], projection)
    write_moves(group["moves"], wiring)
    group.attrs["content_hash"] = wiring.content_hash()


def write_slices(group: h5py.Group | None, wiring: Wiring, collectives: Collectives) -> None:
    """Write a wiring of which every rank has a slice into an empty group; called by all ranks.

    Parameters
    ----------
    group : h5py.Group, optional
        Of the first rank; None for the others.
    wiring : Wiring
        Contiguous slices of the targets, in the order of the ranks.
    collectives : Collectives
        To the other ranks.
    """
    if group is None:
        for projection in wiring.projections:
            write_projection(None, projection, collectives)
        write_moves(None, wiring, collectives)
        return
    _write_frame(group, wiring)
    groups = [group["projections"][projection.name] for projection in wiring.projections]
    for own, projection in zip(groups, wiring.projections, strict=True):
        write_projection(own, projection, collectives)
    write_moves(group["moves"], wiring, collectives)
    group.attrs["content_hash"] = content_hash(wiring.populations, map(hashed, groups), wiring.assemblies)


def _write_frame(group: h5py.Group, wiring: Wiring) -> None:
    """Write everything but connections, moves and the hash."""
    group.attrs["format"] = NETWORK_FORMAT
    group.attrs["version_number"] = VERSION
    group["description"] = json.dumps(wiring.description)
    populations = group.create_group("populations")
    populations.attrs["order"] = [population.name for population in wiring.populations]
    for population in wiring.populations:
        _write_population(populations.create_group(population.name), population)
    projections = group.create_group("projections")
    projections.attrs["order"] = [projection.name for projection in wiring.projections]
    for projection in wiring.projections:
        create_projection(projections.create_group(projection.name), projection)
    assemblies = group.create_group("assemblies")
    for index, assembly in enumerate(wiring.assemblies):
        _write_assembly(assemblies.create_group(str(index)), assembly)
    group.create_group("moves")


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
        assemblies=with_moves(read_assemblies(group), group["moves"], targets),
        description=json.loads(group["description"].asstr()[()]),
    )
    if not targets and wiring.content_hash() != group.attrs["content_hash"]:
        raise FileFormatError(
            f"{group.file.filename}: {group.name}: content does not match its content_hash; "
            "the file was damaged or changed after it was written"
        )
    return wiring


def read_assemblies(group: h5py.Group) -> tuple[Assembly, ...]:
    """Read only the assemblies of a wiring, as if storing them had moved nothing where that is known."""
    assemblies = group["assemblies"]
    groups = (assemblies[str(index)] for index in range(len(assemblies)))
    return tuple(_read_assembly(g) for g in groups)


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
    group.attrs["recorded"] = assembly.moves is not None
    for name, members in assembly.members.items():
        group[name] = members


def _read_assembly(group: h5py.Group) -> Assembly:
    members = {name: group[name][:] for name in group}
    return Assembly(int(group.attrs["odor"]), members, {} if group.attrs["recorded"] else None)
