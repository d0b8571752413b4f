"""NET.h5 to SONATA, projection by projection and block by block."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from eiassembly.config.nest_names import stock_model
from eiassembly.config.parameters import DT, NeuronParameters, Population
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.content_hash import content_hash
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.files import projections as projection_storage
from eiassembly.connectivity.files.sonata import names as sonata
from eiassembly.connectivity.files.sonata.write_edges import EdgeSource, constant, write_edges
from eiassembly.connectivity.wiring import BLOCK, Projection, Wiring, row_blocks
from eiassembly.core.arrays import Ids
from eiassembly.core.errors import FileFormatError
from eiassembly.core.files import check_format, damage_named, new_directory, opened_hdf5
from eiassembly.core.hdf5 import created
from eiassembly.core.schema import NETWORK_FORMAT, VERSION


def export(net: Path, directory: Path, delay: float = DT) -> None:
    """Write a network as SONATA files, in memory for a block of its connections.

    Parameters
    ----------
    net : Path
        NET.h5.
    directory : Path
        To make; an empty one may be there.
    delay : float
        Of transmission, ms; a network does not have one, SONATA's edges do.

    Raises
    ------
    FileFormatError
        NET.h5 is missing, damaged, or not what its content hash says.
    EnvironmentProblemError
        The directory has files already, or cannot be written.
    """
    with opened_hdf5(net, NETWORK_FORMAT) as h5:
        # Only what is read may be blamed on NET.h5: what fails while writing is the disk.
        with damage_named(net, NETWORK_FORMAT):
            check_format(net, h5, NETWORK_FORMAT, VERSION)
            # A network of which no target is read: all but the connections.
            head = network_file.read_wiring(h5, {name: slice(0) for name in h5["populations"]})
            edges = [_edge_source(net, h5, head, projection) for projection in head.projections]
            _verify(net, h5, head)
        with new_directory(directory) as place:
            _write_texts(place, head)
            _write_extras(place, net, h5, head)
            _write_nodes(place / "nodes", head.populations)
            _write_edges(place / "edges", edges, delay)


def _edge_source(net: Path, h5: h5py.File, head: Wiring, projection: Projection) -> EdgeSource:
    group = h5["projections"][projection.name]
    offsets = group["offsets"][:]
    return EdgeSource(
        projection.source,
        projection.target,
        head.population(projection.source).sign,
        projection.strength,
        projection.n_sources,
        offsets,
        partial(_parts, net, group, offsets),
    )


def _parts(net: Path, group: h5py.Group, offsets: Ids) -> Iterator[Projection]:
    for rows in row_blocks(offsets, BLOCK):
        with damage_named(net, NETWORK_FORMAT):
            part = projection_storage.read_projection(group, rows)
        yield part


def _verify(net: Path, h5: h5py.File, head: Wiring) -> None:
    projections = (projection_storage.hashed(h5["projections"][p.name]) for p in head.projections)
    if content_hash(head.populations, projections, head.assemblies) != h5.attrs["content_hash"]:
        raise FileFormatError(
            f"{net}: content does not match its content_hash; "
            "the file was damaged or changed after it was written"
        )


def _write_texts(place: Path, head: Wiring) -> None:
    projections = [projection.name for projection in head.projections]
    _write_json(place / sonata.CONFIG, _config(head.populations, projections))
    _write_json(place / sonata.NODE_SETS, _node_sets(head.populations, head.assemblies))
    models = place / sonata.MODELS
    models.mkdir()
    for population in head.populations:
        if population.neuron is not None:
            _write_json(models / f"{population.name}.json", stock_model(population.neuron)[1])


def _write_extras(place: Path, net: Path, h5: h5py.File, head: Wiring) -> None:
    """Copy NET.h5 object by object, but of the projections what they are without any targets."""
    with created(place / sonata.EXTRAS) as extras:
        with damage_named(net, NETWORK_FORMAT):
            for name in h5:
                if name != "projections":
                    h5.copy(name, extras)
        extras.attrs.update(dict(h5.attrs) | {"format": sonata.EXTRAS_FORMAT})
        projections = extras.create_group("projections")
        projections.attrs["order"] = [projection.name for projection in head.projections]
        for projection in head.projections:
            group = projections.create_group(projection.name)
            projection_storage.create_projection(group, projection)
            projection_storage.write_projection(group, projection)


def _write_json(path: Path, content: Any) -> None:
    path.write_text(
        json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", errors="surrogateescape"
    )


def _config(populations: tuple[Population, ...], projections: list[str]) -> dict[str, Any]:
    return {
        "manifest": {"$BASE_DIR": "."},
        "components": {"point_neuron_models_dir": f"$BASE_DIR/{sonata.MODELS}"},
        "node_sets_file": f"$BASE_DIR/{sonata.NODE_SETS}",
        "networks": {
            "nodes": [_files("node", p.name, _model_type(p)) for p in populations],
            "edges": [_files("edge", name, "chemical") for name in projections],
        },
    }


def _files(kind: str, name: str, population_type: str) -> dict[str, Any]:
    return {
        f"{kind}s_file": f"$BASE_DIR/{kind}s/{name}_{kind}s.h5",
        f"{kind}_types_file": f"$BASE_DIR/{kind}s/{name}_{kind}_types.csv",
        "populations": {name: {"type": population_type}},
    }


def _model_type(population: Population) -> str:
    return sonata.VIRTUAL if population.neuron is None else sonata.POINT_NEURON


def _node_sets(populations: tuple[Population, ...], assemblies: tuple[Assembly, ...]) -> dict[str, Any]:
    sets: dict[str, Any] = {p.name: {"population": p.name} for p in populations}
    for index, assembly in enumerate(assemblies):
        names = {name: sonata.assembly_set(index, name) for name in assembly.members}
        for name, members in assembly.members.items():
            sets[names[name]] = {"population": name, "node_id": members.tolist()}
        sets[sonata.assembly_set(index)] = list(names.values())
    return sets


def _write_nodes(folder: Path, populations: tuple[Population, ...]) -> None:
    folder.mkdir()
    for index, population in enumerate(populations):
        row = {"node_type_id": index, "population": population.name, "model_type": _model_type(population)}
        if population.neuron is not None:
            row["model_template"] = f"nest:{stock_model(population.neuron)[0]}"
            row["dynamics_params"] = f"{population.name}.json"
        _write_csv(folder / f"{population.name}_node_types.csv", row)
        with created(folder / f"{population.name}_nodes.h5") as h5:
            sonata.mark(h5)
            _write_population(h5.create_group(f"nodes/{population.name}"), population, index)


def _write_csv(path: Path, row: dict[str, Any]) -> None:
    """One type, separated by blanks: what SONATA calls csv."""
    path.write_text(
        f"{' '.join(row)}\n{' '.join(map(str, row.values()))}\n", encoding="utf-8", errors="surrogateescape"
    )


def _write_population(group: h5py.Group, population: Population, type_id: int) -> None:
    size = population.size
    group["node_id"] = np.arange(size, dtype=np.uint64)
    constant(group, "node_type_id", size, type_id, np.uint32)
    constant(group, "node_group_id", size, 0, np.uint32)
    group["node_group_index"] = np.arange(size, dtype=np.uint64)
    # As SONATA lists text: numbers and what they mean.
    constant(group, "0/synapse_class", size, 0, np.uint32)
    classes = [sonata.CLASSES[population.sign]]
    group.create_dataset("0/@library/synapse_class", data=classes, dtype=h5py.string_dtype())
    if population.neuron is not None:
        _write_parameters(group["0"], population.neuron, size)


def _write_parameters(group: h5py.Group, neuron: NeuronParameters, size: int) -> None:
    for name, field in type(neuron).model_fields.items():
        dataset = constant(group, name, size, getattr(neuron, name), np.float64)
        unit = re.search(r"\[(.+?)\]", field.description or "")
        dataset.attrs["units"] = unit[1] if unit else ""


def _write_edges(folder: Path, edges: list[EdgeSource], delay: float) -> None:
    folder.mkdir()
    for index, source in enumerate(edges):
        row = {"edge_type_id": index, "population": source.name, "model_template": "static_synapse"}
        _write_csv(folder / f"{source.name}_edge_types.csv", row)
        with created(folder / f"{source.name}_edges.h5") as h5:
            sonata.mark(h5)
            write_edges(h5.create_group(f"edges/{source.name}"), source, index, delay)
