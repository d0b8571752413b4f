"""Populations of a SONATA network: who the cells are, as far as SONATA tells."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from pydantic import ValidationError

from eiassembly.config.nest_names import from_stock_model
from eiassembly.config.parameters import NeuronParameters, Population, Sign
from eiassembly.connectivity.files.sonata import names as sonata
from eiassembly.connectivity.files.sonata.files import FilePart, Files, Types, read_json, read_types
from eiassembly.core.errors import FileFormatError
from eiassembly.core.files import damage_named, opened_hdf5

KIND = "SONATA nodes"

_SIGNS: dict[str, Sign] = {sonata.CLASSES[sign].lower(): sign for sign in sonata.CLASSES} | {
    "e": "excitatory", "i": "inhibitory", "excitatory": "excitatory", "inhibitory": "inhibitory",
}  # fmt: skip
_REQUIRED = [name for name, field in NeuronParameters.model_fields.items() if field.is_required()]


class Nodes:
    """A population as it is in the files; its sign may have to be told by its synapses.

    Parameters
    ----------
    group : h5py.Group
        ``/nodes/<name>``.
    part : FilePart
        The files it is in.
    types : mapping
        Table of node types.
    models : Path or None
        Folder of the parameters of point neurons.

    Attributes
    ----------
    name : str
        Of the population.
    size : int
        Number of cells.
    sign : str or None
        None if the files do not say.
    neuron : NeuronParameters or None
        None: a source of given spikes.
    """

    def __init__(self, group: h5py.Group, part: FilePart, types: Types, models: Path | None) -> None:
        self._group, self._part, self._models = group, part, models
        self._where = f"{part.path}: nodes/{group.name.rsplit('/', 1)[-1]}"
        self.name = group.name.rsplit("/", 1)[-1]
        self.size = len(group["node_type_id"])
        self._check_ids()
        self._type = types.get(int(self._same("node_type_id", group["node_type_id"])), {})
        self.sign = self._declared_sign()
        kind = part.populations.get(self.name) or self._attribute("model_type")
        self.neuron = None if kind == sonata.VIRTUAL else self._neuron()

    def population(self, sign_of_weights: Sign | None) -> Population:
        """Return the population; the sign of its synapses counts where the files do not declare one."""
        sign = self.sign or sign_of_weights or "excitatory"
        return Population(name=self.name, size=self.size, sign=sign, neuron=self.neuron)

    def _check_ids(self) -> None:
        ids = self._group.get("node_id")
        if self.size == 0 or (ids is not None and not np.array_equal(ids[:], np.arange(self.size))):
            raise FileFormatError(f"{self._where}: node_id: expected 0, 1, 2, …, found other ids or none")

    def _declared_sign(self) -> Sign | None:
        for name in ("synapse_class", "ei"):
            value = self._attribute(name)
            if value is not None:
                if value.lower() not in _SIGNS:
                    raise FileFormatError(f"{self._where}: {name}: expected EXC or INH, found {value}")
                return _SIGNS[value.lower()]
        return None

    def _attribute(self, name: str) -> str | None:
        """Text of an attribute that all cells have, from the HDF5 file or the table of types."""
        dataset = self._group.get(f"0/{name}")
        if dataset is None:
            return self._type.get(name)
        library = self._group.get(f"0/@library/{name}")
        value = self._same(name, dataset)
        value = value if library is None else library[int(value)]
        return value.decode() if isinstance(value, bytes) else str(value)

    def _same(self, name: str, dataset: h5py.Dataset) -> Any:
        values = np.unique(dataset[:])
        if len(values) != 1:
            raise FileFormatError(
                f"{self._where}: {name}: expected the same for all cells of a population, "
                f"found {len(values)} values"
            )
        return values[0]

    def _neuron(self) -> NeuronParameters:
        if all(f"0/{name}" in self._group for name in _REQUIRED):
            names = [name for name in NeuronParameters.model_fields if f"0/{name}" in self._group]
            values = {name: float(self._same(name, self._group[f"0/{name}"])) for name in names}
            return NeuronParameters(**values)
        template, file = (self._type.get(key) for key in ("model_template", "dynamics_params"))
        if template is None or file is None or self._models is None:
            raise FileFormatError(
                f"{self._where}: neuron parameters: expected the attributes {', '.join(_REQUIRED)}, or "
                "model_template and dynamics_params in the table of node types, found neither"
            )
        path = self._models / file
        try:
            return from_stock_model(template.removeprefix("nest:"), read_json(path))
        except ValidationError as error:
            raise FileFormatError(f"{path}: {error.errors()[0]['msg']}") from error
        except (ValueError, TypeError) as error:
            raise FileFormatError(f"{path}: {error}") from error


def read_nodes(files: Files) -> list[Nodes]:
    """Read all populations in their order.

    Raises
    ------
    FileFormatError
        A file is missing or damaged, or does not say what a network of ours needs.
    """
    found: list[Nodes] = []
    for part in files.nodes:
        types = read_types(part.types_path, "node")
        with opened_hdf5(part.path, KIND) as h5, damage_named(part.path, KIND):
            for name in part.populations or list(h5["nodes"]):
                found.append(Nodes(h5["nodes"][name], part, types, files.models))
    names = [nodes.name for nodes in found]
    for name in names:
        if names.count(name) > 1:
            raise FileFormatError(
                f"{files.config}: networks.nodes: expected population {name} once, found twice"
            )
    return found
