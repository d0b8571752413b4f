"""A wiring as SONATA files: what is where; `sonata_export` writes it, `sonata_import` reads it.

SONATA is the format of the Allen Institute and the Blue Brain Project for networks
(https://github.com/AllenInstitute/sonata); libsonata, bmtk and NEST's SonataNetwork read it. Layout::

    circuit_config.json                  names all other files; populations and projections in their order
    node_sets.json                       one set per population, assembly, and part of an assembly
    eiassembly.h5                        NET.h5 without its connections: what SONATA has no place for
    nodes/<POP>_nodes.h5                 the population /nodes/<POP>; attributes of group 0: synapse_class
                                         (EXC, INH), and the neuron's parameters (Table 1)
    nodes/<POP>_node_types.csv           model_type, and NEST's stock model of the same equations
    point_neuron_models/<POP>.json       and its parameters
    edges/<SOURCE>_to_<TARGET>_edges.h5  the projection /edges/<SOURCE>_to_<TARGET>; attributes of group 0:
                                         syn_weight [nS], multiplicity, delay [ms]; indices in both
                                         directions. Attribute of the population: strength [nS]
    edges/…_edge_types.csv               static_synapse

An edge is a pair of connected neurons; ``syn_weight`` is ``strength`` × ``multiplicity``, and negative if the
source is inhibitory, as bmtk and NEST expect (a conductance all the same). Edges are sorted by target, then
source. Nothing is compressed: the libsonata that pip installs cannot read compressed data.
"""

from collections.abc import Mapping
from types import MappingProxyType

import h5py
import numpy as np

from eiassembly.config.parameters import Sign
from eiassembly.core import schema

CONFIG, NODE_SETS, EXTRAS = "circuit_config.json", "node_sets.json", "eiassembly.h5"
MODELS = "point_neuron_models"

EXTRAS_FORMAT = "eiassembly-sonata"

POINT_NEURON, VIRTUAL = "point_neuron", "virtual"
CLASSES: Mapping[Sign, str] = MappingProxyType({"excitatory": "EXC", "inhibitory": "INH"})

INDICES = MappingProxyType(
    {"source": "indices/source_to_target", "target": "indices/target_to_source"},
)
RANGES, EDGES = "node_id_to_ranges", "range_to_edge_id"
RANGES_OF_BMTK = "node_id_to_range"
"""bmtk's name of `RANGES`, which is libsonata's; either refuses or ignores the other's."""


def assembly_set(index: int, population: str = "") -> str:
    """Name of the node set of an assembly, or of its members in a population."""
    return f"assembly_{index}_{population}" if population else f"assembly_{index}"


def mark(h5: h5py.File) -> None:
    """Write what SONATA asks of every HDF5 file."""
    h5.attrs["magic"] = np.uint32(schema.SONATA_MAGIC)
    h5.attrs["version"] = np.array(schema.SONATA_VERSION, np.uint32)
