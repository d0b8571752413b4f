"""SONATA to a wiring: networks that this package has exported, bit for bit, and those of others."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from eiassembly.config.parameters import Population, Sign
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.files.sonata import names
from eiassembly.connectivity.files.sonata.files import Files, read_json
from eiassembly.connectivity.files.sonata.nodes import read_nodes
from eiassembly.connectivity.files.sonata.read_edges import Edges, read_edges
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.arrays import Ids
from eiassembly.core.errors import FileFormatError
from eiassembly.core.files import opened
from eiassembly.core.schema import VERSION


def import_network(path: Path) -> Wiring:
    """Read a SONATA network.

    Edges of one pair of neurons are added up. Strengths are conductances in nS: SONATA does not say.

    Parameters
    ----------
    path : Path
        The directory, or a circuit configuration.

    Returns
    -------
    Wiring
        With an assembly where there are node sets ``assembly_<index>`` and ``assembly_<index>_<POP>``; all
        else that a wiring has is from ``eiassembly.h5``, if that is there.

    Raises
    ------
    FileFormatError
        A file is missing or damaged, says something that a `Wiring` cannot, or was changed after the export.
    """
    files = Files.of(path)
    nodes = read_nodes(files)
    edges = read_edges(files, {population.name: population.size for population in nodes})
    signs = _signs_of_weights(edges)
    populations = tuple(population.population(signs.get(population.name)) for population in nodes)
    _check_signs(edges, populations)
    wiring = Wiring(
        populations,
        tuple(e.projection for e in edges),
        _assemblies(files, populations),
        {"imported_from": files.config.resolve().parent.name},
    )
    return wiring if files.extras is None else _completed(wiring, files.extras)


def _signs_of_weights(edges: list[Edges]) -> dict[str, Sign]:
    signs: dict[str, Sign] = {}
    for e in edges:
        source = e.projection.source
        if e.sign is not None and signs.setdefault(source, e.sign) != e.sign:
            raise FileFormatError(
                f"{e.path}: syn_weight: expected the same sign for all outputs of {source}, found both"
            )
    return signs


def _check_signs(edges: list[Edges], populations: tuple[Population, ...]) -> None:
    """Weights of inhibitory populations may be negative or, as they are conductances, positive."""
    excitatory = {population.name for population in populations if population.sign == "excitatory"}
    for e in edges:
        if e.sign == "inhibitory" and e.projection.source in excitatory:
            raise FileFormatError(
                f"{e.path}: syn_weight: expected positive weights of {e.projection.source}, which is "
                "excitatory, found negative ones"
            )


def _completed(wiring: Wiring, path: Path) -> Wiring:
    """Add what SONATA has no place for."""
    # The name of no population: all targets of all projections, of which the file holds none.
    everything = {"": slice(None)}
    with opened(path, names.EXTRAS_FORMAT, VERSION) as h5:
        extras = network_file.read_wiring(h5, everything)
        content = h5.attrs["content_hash"]
    # Members and cells as the SONATA files have them, to see whether they are still the same.
    if wiring.replacing([], assemblies=_with_odors(wiring, extras)).content_hash() != content:
        raise FileFormatError(
            f"{path}: content_hash: expected that of the files beside it, which were changed after the "
            "export; remove this file to import them as they are"
        )
    return replace(extras, projections=wiring.projections)


def _with_odors(wiring: Wiring, extras: Wiring) -> tuple[Assembly, ...]:
    odors = [assembly.odor for assembly in extras.assemblies]
    if len(odors) != len(wiring.assemblies):
        return wiring.assemblies
    return tuple(replace(a, odor=odor) for a, odor in zip(wiring.assemblies, odors, strict=True))


def _assemblies(files: Files, populations: tuple[Population, ...]) -> tuple[Assembly, ...]:
    if files.node_sets is None:
        return ()
    sets = read_json(files.node_sets)
    found: list[Assembly] = []
    while names.assembly_set(len(found)) in sets:
        members = dict(_members(files.node_sets, sets, len(found), populations))
        found.append(Assembly(len(found), members))
    return tuple(found)


def _members(
    path: Path, sets: Mapping[str, Any], index: int, populations: tuple[Population, ...]
) -> Iterator[tuple[str, Ids]]:
    for population in populations:
        name = names.assembly_set(index, population.name)
        if name not in sets:
            continue
        ids = sets[name].get("node_id") if isinstance(sets[name], dict) else None
        known = range(population.size)
        if not isinstance(ids, list) or len({i for i in ids if i in known}) < len(ids):
            raise FileFormatError(
                f"{path}: {name}: expected a list of different node_id from 0 to {population.size - 1}"
            )
        yield population.name, np.array(sorted(ids), np.int64)
