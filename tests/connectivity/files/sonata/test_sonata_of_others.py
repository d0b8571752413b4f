"""SONATA networks that other programs have written, changed ones, and broken ones."""

import csv
import json
import re

import h5py
import numpy as np
import pytest
from small_wirings import two

from eiassembly.config.parameters import EXCITATORY, INHIBITORY
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.files.sonata.export import export
from eiassembly.connectivity.files.sonata.load import import_network
from eiassembly.core.errors import FileFormatError


@pytest.fixture
def folder(tmp_path):
    """An export without what only this package writes."""
    network_file.save(two(), tmp_path / "NET.h5")
    export(tmp_path / "NET.h5", tmp_path / "theirs")
    (tmp_path / "theirs" / "eiassembly.h5").unlink()
    return tmp_path / "theirs"


def edges(folder, name, mode="r+"):
    return h5py.File(folder / "edges" / f"{name}_edges.h5", mode)


def nodes(folder, name):
    return h5py.File(folder / "nodes" / f"{name}_nodes.h5", "r+")


def replace(group, name, values):
    attributes = dict(group[name].attrs)
    del group[name]
    group[name] = values
    group[name].attrs.update(attributes)


def test_without_our_notes_only_their_names_are_lost(folder):
    found, wiring = import_network(folder), two()
    assert found.description == {"imported_from": "theirs"}
    assert [assembly.odor for assembly in found.assemblies] == [0, 1]
    assert found.populations == wiring.populations
    for ours, p in zip(found.projections, wiring.projections, strict=True):
        assert ours.strength == p.strength
        assert (ours.matrix() != p.matrix()).nnz == 0
    for ours, a in zip(found.assemblies, wiring.assemblies, strict=True):
        assert {name: ids.tolist() for name, ids in ours.members.items()} == {
            name: ids.tolist() for name, ids in a.members.items()
        }


def test_edges_in_any_order_and_one_per_contact(folder):
    """As bmtk writes them, one edge per synapse; weights in the table of types."""
    wiring = two()
    p = wiring.projection("I", "E")
    order = np.random.default_rng(1).permutation(p.n_contacts)
    with edges(folder, "I_to_E") as h5:
        group = h5["edges/I_to_E"]
        replace(group, "source_node_id", np.repeat(p.sources, p.multiplicity)[order])
        replace(group, "target_node_id", np.repeat(p.targets(), p.multiplicity)[order])
        for name in ("edge_type_id", "edge_group_id"):
            replace(group, name, np.zeros(p.n_contacts, np.uint32))
        for name in ("indices", "0/syn_weight", "0/multiplicity", "0/delay", "edge_group_index"):
            del group[name]
        del group.attrs["strength"]
    (folder / "edges" / "I_to_E_edge_types.csv").write_text(
        'edge_type_id  target_query syn_weight\n0 "pop_name == x" -0.25\n'
    )
    found = import_network(folder).projection("I", "E")
    assert (found.matrix() != p.matrix()).nnz == 0
    assert found.strength == 0.25


def test_numbers_of_synapses_as_bmtk_counts_them(folder):
    p = two().projection("E", "E")
    with edges(folder, "E_to_E") as h5:
        group = h5["edges/E_to_E"]
        group.move("0/multiplicity", "0/nsyns")
        replace(group, "0/syn_weight", np.full(len(p.sources), 0.2, np.float32))
        del group.attrs["strength"]
    found = import_network(folder).projection("E", "E")
    np.testing.assert_array_equal(found.multiplicity, p.multiplicity)
    assert found.strength == np.float32(0.2)


def test_cells_as_nest_describes_them(folder):
    """Parameters of aeif_cond_exp and iaf_cond_exp; the sign from the weights."""
    for name in ("OB", "E", "I"):
        with nodes(folder, name) as h5:
            del h5[f"nodes/{name}/0"]
    found = import_network(folder)
    assert [population.sign for population in found.populations] == ["excitatory", "excitatory", "inhibitory"]
    assert found.population("OB").neuron is None
    for name, neuron in (("E", EXCITATORY), ("I", INHIBITORY)):
        ours = found.population(name).neuron.model_dump()
        assert ours == pytest.approx(neuron.model_dump())


def test_all_populations_in_one_file_and_a_manifest_of_their_own(folder):
    with h5py.File(folder / "all.h5", "w") as together:
        for name in ("OB", "E", "I"):
            with nodes(folder, name) as h5:
                h5.copy(f"nodes/{name}", together, f"nodes/{name}")
    config = json.loads((folder / "circuit_config.json").read_text())
    config["manifest"] = {"$ROOT": "${BASE}", "$BASE": "${configdir}/theirs"}
    text = json.dumps(config).replace("$BASE_DIR", "$ROOT")
    config = json.loads(text)
    config["networks"]["nodes"] = [{"nodes_file": "$ROOT/all.h5", "node_types_file": "$ROOT/all.csv"}]
    types = ("node_type_id model_type", "0 virtual", "1 point_neuron", "2 point_neuron")
    (folder / "all.csv").write_text("\n".join(types))
    (folder.parent / "other.json").write_text(json.dumps(config))
    found = import_network(folder.parent / "other.json")
    assert {p.name for p in found.populations} == {"OB", "E", "I"}
    assert found.projection("E", "E").n_contacts == two().projection("E", "E").n_contacts


def failing(folder):
    with pytest.raises(FileFormatError) as caught:
        import_network(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def changed(group, name, where, value):
    numbers = group[name][:]
    numbers[where] = value
    replace(group, name, numbers)


@pytest.mark.parametrize(("name", "where", "value", "message"), [
    ("source_node_id", 3, 40, "source_node_id: expected 0 to 39, found 40"),
    ("target_node_id", -1, 30, "target_node_id: expected 0 to 29, found 30"),
    ("edge_group_id", 2, 1, "edge_group_id: expected one group, 0, found others"),
    ("edge_group_index", 2, 1, "edge_group_index: expected 0, 1, 2, …, found another order"),
    ("0/multiplicity", 0, 0, "multiplicity: expected whole numbers of contacts from 1 to 255, found 0"),
    ("0/syn_weight", 5, 9.0, "syn_weight: expected one weight per contact"),
    ("0/syn_weight", slice(None), 0.0, "syn_weight: expected one weight per contact"),
    ("0/syn_weight", slice(None), np.nan, "syn_weight: expected one weight per contact"),
])  # fmt: skip
def test_wrong_edges_are_named(folder, name, where, value, message):
    with edges(folder, "E_to_I") as h5:
        changed(h5["edges/E_to_I"], name, where, value)
    assert f"edges/E_to_I: {message}" in failing(folder)


def test_strength_and_weights_must_agree(folder):
    with edges(folder, "E_to_I") as h5:
        h5["edges/E_to_I"].attrs["strength"] = 5.0
    assert re.search(r"E_to_I: syn_weight: expected 5 per contact, the attribute strength", failing(folder))


def test_excitatory_neurons_with_negative_weights(folder):
    with edges(folder, "E_to_I") as h5:
        group = h5["edges/E_to_I"]
        replace(group, "0/syn_weight", -group["0/syn_weight"][:])
    assert "syn_weight: expected the same sign for all outputs of E, found both" in failing(folder)
    with edges(folder, "E_to_E") as h5:
        group = h5["edges/E_to_E"]
        replace(group, "0/syn_weight", -group["0/syn_weight"][:])
    assert "syn_weight: expected positive weights of E, which is excitatory" in failing(folder)


def test_too_many_contacts_of_one_pair(folder):
    with edges(folder, "E_to_I") as h5:
        group = h5["edges/E_to_I"]
        n_edges = len(group["source_node_id"])
        weight = group.attrs["strength"] * 200
        changed(group, "source_node_id", slice(0, 2), 1)
        changed(group, "target_node_id", slice(0, 2), 0)
        replace(group, "0/multiplicity", np.full(n_edges, 200, np.uint8))
        replace(group, "0/syn_weight", np.full(n_edges, weight))
    assert "multiplicity: expected whole numbers of contacts from 1 to 255, found 400" in failing(folder)


def test_no_weights_at_all(folder):
    with edges(folder, "E_to_I") as h5:
        del h5["edges/E_to_I/0/syn_weight"]
        del h5["edges/E_to_I"].attrs["strength"]
    assert "syn_weight: expected edges with this attribute, or their types, found none" in failing(folder)


def test_populations_that_nobody_knows_and_pairs_that_are_there_twice(folder):
    with edges(folder, "E_to_I") as h5:
        h5["edges/E_to_I/target_node_id"].attrs["node_population"] = "PV"
    assert "node_population: expected one of OB, E, I, found PV" in failing(folder)
    with edges(folder, "E_to_I") as h5:
        group = h5["edges/E_to_I"]
        group["target_node_id"].attrs["node_population"] = "E"
    assert "E_to_I: expected one edge population from E to E, found a second one" in failing(folder)


@pytest.mark.parametrize(("name", "value", "message"), [
    ("node_id", 5, "node_id: expected 0, 1, 2, …"),
    ("0/tau_m", 5.0, "tau_m: expected the same for all cells of a population, found 2 values"),
    ("0/V_th", -80.0, "V_th: expected the same"),
])  # fmt: skip
def test_wrong_nodes_are_named(folder, name, value, message):
    with nodes(folder, "E") as h5:
        changed(h5["nodes/E"], name, 0, value)
    assert f"nodes/E: {message}" in failing(folder)


def test_impossible_neurons(folder):
    with nodes(folder, "E") as h5:
        changed(h5["nodes/E"], "0/V_th", slice(None), -80.0)
    assert "E_nodes.h5" in failing(folder)
    assert "expected E_rest < V_th < E_exc" in failing(folder)


def test_cells_that_are_not_described(folder):
    with nodes(folder, "E") as h5:
        del h5["nodes/E/0/tau_m"]
    (folder / "point_neuron_models" / "E.json").write_text('{"g_L": 1}')
    assert "E.json: E_L: expected this parameter of aeif_cond_exp, found none" in failing(folder)
    table = folder / "nodes" / "E_node_types.csv"
    table.write_text(table.read_text().replace("nest:aeif_cond_exp", "nest:izhikevich"))
    assert "E.json: model: expected aeif_cond_exp or iaf_cond_exp, found izhikevich" in failing(folder)
    table.write_text("node_type_id model_type\n1 point_neuron\n")
    assert "nodes/E: neuron parameters: expected the attributes tau_m, g_rest" in failing(folder)


def test_a_class_that_nobody_knows(folder):
    with nodes(folder, "E") as h5:
        h5["nodes/E/0/@library/synapse_class"][0] = "MODULATORY"
    assert "synapse_class: expected EXC or INH, found MODULATORY" in failing(folder)


def edited(folder, change):
    path = folder / "circuit_config.json"
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))


@pytest.mark.parametrize(("change", "message"), [
    (lambda c: c.pop("networks"), "networks.nodes: expected a list of files, found None"),
    (lambda c: c["networks"].update(edges=[]), "networks.edges: expected a list of files, found []"),
    (lambda c: c["networks"]["edges"][0].pop("edges_file"), "networks.edges: expected edges_file in every"),
    (lambda c: c.update(manifest={}), "manifest: expected the variable $BASE_DIR, found none"),
    (lambda c: c["networks"]["nodes"].append(c["networks"]["nodes"][0]), "population OB once, found twice"),
    (lambda c: c["networks"]["nodes"][0].update(nodes_file="none.h5"), "none.h5: no such file"),
    (lambda c: c["networks"]["nodes"][0].update(node_types_file="no.csv"), "no.csv: no such file"),
    (lambda c: c["networks"]["nodes"][0].update(populations={"MC": {}}), "incomplete SONATA nodes"),
    (lambda c: c.update(node_sets_file="sets.json"), "sets.json: no such file"),
    (lambda c: c["networks"]["nodes"][0].update(populations=["OB"]), "expected an object for each"),
])  # fmt: skip
def test_wrong_configurations_are_named(folder, change, message):
    edited(folder, change)
    assert message in failing(folder)


def test_files_that_are_none(folder):
    config = folder / "circuit_config.json"
    config.write_text("[]")
    assert "circuit_config.json: expected a JSON object, found list" in failing(folder)
    config.write_text("{")
    assert "circuit_config.json: not a readable JSON file" in failing(folder)
    config.unlink()
    assert "circuit_config.json: no such file" in failing(folder)
    assert "none: no such file" in failing(folder / "none")


def test_truncated_edges(folder):
    path = folder / "edges" / "E_to_E_edges.h5"
    path.write_bytes(path.read_bytes()[:5000])
    assert "E_to_E_edges.h5: not a readable HDF5 file" in failing(folder)


@pytest.mark.parametrize("ids", [[3, 3], [40], [-1], "E", ["a"], None])
def test_wrong_members(folder, ids):
    path = folder / "node_sets.json"
    sets = json.loads(path.read_text())
    sets["assembly_0_E"]["node_id"] = ids
    path.write_text(json.dumps(sets))
    assert "assembly_0_E: expected a list of different node_id from 0 to 39" in failing(folder)


def test_a_type_without_a_number(folder):
    table = folder / "nodes" / "E_node_types.csv"
    with table.open() as lines:
        names = next(csv.reader(lines, delimiter=" "))
    table.write_text(" ".join(names) + "\nx E point_neuron\n")
    assert "node_type_id: expected a number in every row, found x" in failing(folder)


@pytest.fixture
def own(tmp_path):
    network_file.save(two(), tmp_path / "NET.h5")
    export(tmp_path / "NET.h5", tmp_path / "own")
    return tmp_path / "own"


def test_what_was_changed_after_the_export_is_noticed(own):
    with edges(own, "E_to_E") as h5:
        group = h5["edges/E_to_E"]
        changed(group, "source_node_id", 0, (group["source_node_id"][0] + 1) % 40)
    assert "eiassembly.h5: content_hash: expected that of the files beside it" in failing(own)
    (own / "eiassembly.h5").unlink()
    assert import_network(own).description == {"imported_from": "own"}


def test_members_that_were_changed_are_noticed(own):
    sets = json.loads((own / "node_sets.json").read_text())
    sets["assembly_0_E"]["node_id"][0] = 0
    (own / "node_sets.json").write_text(json.dumps(sets))
    assert "eiassembly.h5: content_hash" in failing(own)
    del sets["assembly_1"]
    (own / "node_sets.json").write_text(json.dumps(sets))
    assert "eiassembly.h5: content_hash" in failing(own)


def test_damaged_notes(own):
    with h5py.File(own / "eiassembly.h5", "r+") as h5:
        del h5["description"]
    assert "eiassembly.h5: damaged or incomplete" in failing(own)
