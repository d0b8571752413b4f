"""SONATA: what is exported comes back bit for bit, and libsonata reads it."""

import json
import tracemalloc
from dataclasses import replace

import h5py
import libsonata
import numpy as np
import pytest
from small_wirings import ASSEMBLIES, EMPTY, three, two

from eiassembly.config.config import parse_config
from eiassembly.config.parameters import NeuronParameters
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.build import build
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.files import projections
from eiassembly.connectivity.files.sonata import export as sonata_export
from eiassembly.connectivity.files.sonata import read_edges, write_edges
from eiassembly.connectivity.files.sonata.export import export
from eiassembly.connectivity.files.sonata.load import import_network
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.core.errors import EnvironmentProblemError, FileFormatError


def without_connections():
    """One projection has none, one has a single one."""
    wiring = two()
    empty = replace(wiring.projection("E", "E"), offsets=np.zeros(41, np.int64), **EMPTY)
    single = Projection(
        "E", "I", 0.3, 40, np.repeat([0, 1], [5, 26]), np.array([3], np.int32), np.array([255], np.uint8)
    )
    return wiring.replacing([empty, single])


def with_unusual_assemblies():
    """Without members, with an empty list of them, twice the same odor."""
    odd = (Assembly(2, {}), Assembly(2, {"E": np.array([0]), "I": np.empty(0, np.int64)}), *ASSEMBLIES)
    return replace(two(), assemblies=odd)


WIRINGS = {
    "two": two(),
    "three": three(),
    "empty": without_connections(),
    "unusual": with_unusual_assemblies(),
    "plain": replace(two(), assemblies=(), description={}),
}


def exported(wiring, folder, **options):
    network_file.save(wiring, folder / "NET.h5")
    export(folder / "NET.h5", folder / "sonata", **options)
    return folder / "sonata"


def same(found, wiring):
    """Everything, not only what the hash covers."""
    assert found.content_hash() == wiring.content_hash()
    assert found.description == wiring.description
    assert found.populations == wiring.populations
    assert [p.name for p in found.projections] == [p.name for p in wiring.projections]
    assert [a.odor for a in found.assemblies] == [a.odor for a in wiring.assemblies]
    for ours, p in zip(found.projections, wiring.projections, strict=True):
        for name in ("offsets", "sources", "multiplicity"):
            assert getattr(ours, name).dtype == getattr(p, name).dtype
            np.testing.assert_array_equal(getattr(ours, name), getattr(p, name))


@pytest.mark.parametrize("name", WIRINGS)
def test_round_trip(name, tmp_path):
    same(import_network(exported(WIRINGS[name], tmp_path)), WIRINGS[name])


@pytest.mark.parametrize(("write", "index", "read"), [(1, 40, 300), (40, 300, 1), (300, 1, 40)])
def test_blocks_do_not_matter(tmp_path, monkeypatch, write, index, read):
    monkeypatch.setattr(sonata_export, "BLOCK", write)
    monkeypatch.setattr(write_edges, "_BLOCK", index)
    monkeypatch.setattr(read_edges, "_BLOCK", read)
    folder = exported(two(), tmp_path)
    same(import_network(folder), two())
    check_indices(folder, two())


def test_the_configuration_itself_names_the_network_too(tmp_path):
    same(import_network(exported(two(), tmp_path) / "circuit_config.json"), two())


def test_a_moved_directory_is_the_same_network(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    moved = exported(two(), tmp_path).rename(tmp_path / "elsewhere" / "net")
    same(import_network(moved), two())


def edge_population(folder, projection):
    path = folder / "edges" / f"{projection.name}_edges.h5"
    return libsonata.EdgeStorage(str(path)).open_population(projection.name)


def check_indices(folder, wiring):
    """libsonata's answers are those of the matrices."""
    for projection in wiring.projections:
        edges, matrix = edge_population(folder, projection), projection.matrix()
        assert edges.size == len(projection.sources)
        for target in range(projection.n_targets):
            found = edges.afferent_edges([target])
            np.testing.assert_array_equal(edges.source_nodes(found), matrix[[target]].indices)
        by_source = matrix.tocsc()
        for source in range(projection.n_sources):
            found = edges.efferent_edges([source])
            np.testing.assert_array_equal(edges.target_nodes(found), by_source[:, [source]].indices)


@pytest.mark.parametrize("name", ["two", "three", "empty"])
def test_libsonata_finds_inputs_and_outputs(name, tmp_path):
    check_indices(exported(WIRINGS[name], tmp_path), WIRINGS[name])


@pytest.mark.parametrize("name", ["two", "three"])
def test_indices_are_those_that_libsonata_makes(name, tmp_path):
    """Bit for bit, also where two successive edges have the same source."""
    folder, wiring = exported(WIRINGS[name], tmp_path), WIRINGS[name]
    for projection in wiring.projections:
        path = folder / "edges" / f"{projection.name}_edges.h5"
        with h5py.File(path, "r+") as h5:
            h5.move(f"edges/{projection.name}/indices", "ours")
        libsonata.EdgePopulation.write_indices(
            str(path), projection.name, projection.n_sources, projection.n_targets
        )
        with h5py.File(path) as h5:
            theirs = h5[f"edges/{projection.name}/indices"]
            for name_ in ("source_to_target", "target_to_source"):
                for part in ("node_id_to_ranges", "range_to_edge_id"):
                    found, expected = h5[f"ours/{name_}/{part}"], theirs[f"{name_}/{part}"]
                    assert found.dtype == expected.dtype
                    np.testing.assert_array_equal(found[:], expected[:])


def test_libsonata_reads_what_differs_between_edges_and_what_does_not(tmp_path):
    wiring = two()
    folder = exported(wiring, tmp_path, delay=1.5)
    for projection, sign in zip(wiring.projections, (1, 1, 1, -1), strict=True):
        edges = edge_population(folder, projection)
        everything = edges.select_all()
        assert (edges.source, edges.target) == (projection.source, projection.target)
        np.testing.assert_array_equal(edges.source_nodes(everything), projection.sources)
        np.testing.assert_array_equal(edges.target_nodes(everything), projection.targets())
        np.testing.assert_array_equal(
            edges.get_attribute("multiplicity", everything), projection.multiplicity
        )
        np.testing.assert_array_equal(
            edges.get_attribute("syn_weight", everything),
            sign * projection.strength * projection.multiplicity,
        )
        assert set(edges.get_attribute("delay", everything)) == {1.5}


def test_libsonata_reads_the_whole_circuit(tmp_path):
    wiring = three()
    circuit = libsonata.CircuitConfig.from_file(str(exported(wiring, tmp_path) / "circuit_config.json"))
    assert circuit.node_populations == {"OB", "E", "FBI", "FFI"}
    assert circuit.edge_populations == {projection.name for projection in wiring.projections}
    for population in wiring.populations:
        nodes = circuit.node_population(population.name)
        everything = nodes.select_all()
        assert nodes.size == population.size
        expected = {"excitatory": "EXC", "inhibitory": "INH"}[population.sign]
        assert set(nodes.get_attribute("synapse_class", everything)) == {expected}
        is_virtual = population.neuron is None
        kind = circuit.node_population_properties(population.name).type
        assert kind == ("virtual" if is_virtual else "point_neuron")
        for name in () if is_virtual else NeuronParameters.model_fields:
            assert set(nodes.get_attribute(name, everything)) == {getattr(population.neuron, name)}
    assert circuit.edge_population("FBI_to_E").size == len(wiring.projection("FBI", "E").sources)


@pytest.mark.parametrize("name", WIRINGS)
def test_libsonata_finds_the_members_of_assemblies(name, tmp_path):
    wiring = WIRINGS[name]
    circuit = libsonata.CircuitConfig.from_file(str(exported(wiring, tmp_path) / "circuit_config.json"))
    sets = libsonata.NodeSets.from_file(circuit.node_sets_path)
    for population in wiring.populations:
        nodes = circuit.node_population(population.name)
        assert sets.materialize(population.name, nodes).flat_size == population.size
        for index, assembly in enumerate(wiring.assemblies):
            members = assembly.of(population.name)
            found = sets.materialize(f"assembly_{index}", nodes)
            np.testing.assert_array_equal(found.flatten(), members)
            if population.name in assembly.members:
                found = sets.materialize(f"assembly_{index}_{population.name}", nodes)
                np.testing.assert_array_equal(found.flatten(), members)


def test_an_existing_directory_is_left_alone(tmp_path):
    (tmp_path / "sonata").mkdir()
    (tmp_path / "sonata" / "mine.txt").write_text("precious")
    with pytest.raises(EnvironmentProblemError, match="expected a new directory, found one with files"):
        exported(two(), tmp_path)
    assert [path.name for path in (tmp_path / "sonata").iterdir()] == ["mine.txt"]


def test_an_empty_directory_is_filled(tmp_path):
    (tmp_path / "sonata").mkdir()
    same(import_network(exported(two(), tmp_path)), two())


@pytest.mark.parametrize(("where", "message"), [
    ("NET.h5/sonata", "NET.h5 does not exist"),
    ("no/sonata", "the directory .*no does not exist"),
    ("NET.h5", "expected a new directory, found a file"),
])  # fmt: skip
def test_where_no_directory_can_be(tmp_path, where, message):
    network_file.save(two(), tmp_path / "NET.h5")
    with pytest.raises(EnvironmentProblemError, match=message):
        export(tmp_path / "NET.h5", tmp_path / where)
    assert [path.name for path in tmp_path.iterdir()] == ["NET.h5"]


def test_two_do_not_write_the_same_directory(tmp_path):
    (tmp_path / "sonata.partial").mkdir()
    with pytest.raises(EnvironmentProblemError, match=r"sonata\.partial is there"):
        exported(two(), tmp_path)
    assert (tmp_path / "sonata.partial").is_dir()


@pytest.mark.parametrize("error", [OSError(28, "full"), KeyboardInterrupt()])
def test_nothing_is_left_when_writing_fails(tmp_path, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(write_edges, "_write_source_index", fail)
    with pytest.raises((EnvironmentProblemError, KeyboardInterrupt)) as caught:
        exported(two(), tmp_path)
    assert isinstance(caught.value, KeyboardInterrupt) or "no space left" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["NET.h5"]


def test_a_changed_network_is_not_exported(tmp_path):
    path = tmp_path / "NET.h5"
    network_file.save(two(), path)
    with h5py.File(path, "r+") as h5:
        h5["projections/E_to_E/sources"][0] += 1
    with pytest.raises(FileFormatError, match=r"NET\.h5: content does not match its content_hash"):
        export(path, tmp_path / "sonata")
    with h5py.File(path, "r+") as h5:
        del h5["projections/E_to_E/multiplicity"]
    with pytest.raises(FileFormatError, match=r"NET\.h5: damaged or incomplete"):
        export(path, tmp_path / "sonata")
    assert [path.name for path in tmp_path.iterdir()] == ["NET.h5"]


def test_texts_are_what_nest_and_bmtk_read(tmp_path):
    """Types in tables separated by blanks, parameters in the words of NEST's own models."""
    folder = exported(two(), tmp_path)
    head, row = (folder / "nodes" / "E_node_types.csv").read_text().splitlines()
    assert dict(zip(head.split(" "), row.split(" "), strict=True)) == {
        "node_type_id": "1", "population": "E", "model_type": "point_neuron",
        "model_template": "nest:aeif_cond_exp", "dynamics_params": "E.json",
    }  # fmt: skip
    parameters = json.loads((folder / "point_neuron_models" / "I.json").read_text())
    assert (parameters["C_m"], parameters["E_L"], parameters["tau_syn_in"]) == (45.0, -65.0, 10.0)


def peak_of_export(n_fb, folder):
    """Most memory [bytes] that Python holds while all-to-all edges from 5000 E neurons are written."""
    n_exc, sizes = 5000, {"E": 5000, "FBI": n_fb}
    populations = tuple(
        p.model_copy(update={"size": sizes[p.name]}) for p in three().populations if p.name in sizes
    )
    sources = np.tile(np.arange(n_exc, dtype=np.int32), n_fb)
    contacts = np.ones(len(sources), np.uint8)
    p = Projection("E", "FBI", 0.1, n_exc, n_exc * np.arange(n_fb + 1), sources, contacts)
    folder.mkdir()
    network_file.save(Wiring(populations, (p,)), folder / "NET.h5")
    tracemalloc.start()
    try:
        export(folder / "NET.h5", folder / "sonata")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_writing_takes_memory_for_a_block_however_many_edges(tmp_path, monkeypatch):
    for module, name in (
        (sonata_export, "BLOCK"), (write_edges, "_BLOCK"), (projections, "_BLOCK")
    ):  # fmt: skip
        monkeypatch.setattr(module, name, 40_000)
    half, whole = (peak_of_export(n_fb, tmp_path / str(n_fb)) for n_fb in (50, 100))
    assert whole < 1.05 * half
    assert whole < 16 * 5000 * 100  # bytes: less than the two columns of ids alone


@pytest.mark.parametrize("network", [{"structure": "tuned_ei"}, {"preset": "dp3_A", "structure": "tuned_i"}])
def test_what_storing_has_moved_comes_back(network, tmp_path):
    """Memories of a network that has been to SONATA can still be forgotten."""
    wiring = build(parse_config({"network": network | {"assemblies": 3}}, "test"))
    found = import_network(exported(wiring, tmp_path))
    same(found, wiring)
    for ours, assembly in zip(found.assemblies, wiring.assemblies, strict=True):
        assert assembly.moves
        assert ours.moves.keys() == assembly.moves.keys()
        for name, moves in assembly.moves.items():
            for column in ("targets", "gained", "lost"):
                np.testing.assert_array_equal(getattr(ours.moves[name], column), getattr(moves, column))
