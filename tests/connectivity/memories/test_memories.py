"""Memories one by one: the network of all at once, in-degrees conserved, forgetting undoes storing."""

from contextlib import nullcontext

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ranks import on_ranks
from small_networks import rows_of, same, slice_of, small_network, small_rule, some_odor

from eiassembly.config.config import parse_config
from eiassembly.connectivity.assembly import Assembly, Moves
from eiassembly.connectivity.build import build, build_base
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.memories.rule import rule_from, rule_of
from eiassembly.connectivity.memories.store import (
    achieved,
    add_memory,
    forget,
    last_rule,
    measured,
    with_memories,
)
from eiassembly.connectivity.statistics.enrichment import contacts_within
from eiassembly.core.errors import ConfigError, EiassemblyError, FileFormatError
from eiassembly.odors.draw import learned_odors, novel_odors, odor_of

seeds = st.integers(0, 10**6)


def with_odors(seed, n):
    return with_memories(small_network(seed), [some_odor(k, seed) for k in range(n)], small_rule(seed))


def in_degrees(wiring):
    return {p.name: p.in_degree().tolist() for p in wiring.projections}


@settings(max_examples=25, deadline=None)
@given(seed=seeds, n=st.integers(1, 6), most=st.integers(1, 3))
def test_storing_conserves_in_degrees_and_reaches_the_targets(seed, n, most):
    base, rule = small_network(seed, most), small_rule(seed)
    wiring = base
    for k in range(n):
        wiring = add_memory(wiring, some_odor(k, seed), rule)
        for pair, within in rule.within.items():  # of the last one: no later memory has taken anything
            assert contacts_within(wiring.projection(*pair), wiring.assemblies)[-1].min() >= within
    assert in_degrees(wiring) == in_degrees(base)
    assert all((p.multiplicity >= 1).all() for p in wiring.projections)
    assert all(p.matrix().has_canonical_format for p in wiring.projections)
    assert [len(a.of("E")) for a in wiring.assemblies] == [12] * n
    assert [len(a.of("I")) for a in wiring.assemblies] == [6] * n


@settings(max_examples=25, deadline=None)
@given(seed=seeds, n=st.integers(1, 6))
def test_one_by_one_is_all_at_once(seed, n):
    at_once, wiring = with_odors(seed, n), small_network(seed)
    for k in range(n):
        wiring = add_memory(wiring, some_odor(k, seed), small_rule(seed))
    same(wiring, at_once)
    assert wiring.description == at_once.description


@settings(max_examples=25, deadline=None)
@given(seed=seeds, n=st.integers(0, 5))
def test_forgetting_the_last_is_the_inverse_of_storing(seed, n):
    wiring = with_odors(seed, n)
    same(forget(add_memory(wiring, some_odor(n, seed), small_rule(seed)), n), wiring)


@settings(max_examples=40, deadline=None)
@given(seed=seeds, n=st.integers(2, 7), data=st.data())
def test_forgetting_in_any_order_ends_at_the_network_before_all(seed, n, data):
    wiring, base = with_odors(seed, n), small_network(seed)
    odors = list(range(n))
    while odors:
        index = data.draw(st.integers(0, len(odors) - 1))
        before = contacts_of(wiring)
        wiring = forget(wiring, index)
        odors.pop(index)
        assert [assembly.odor for assembly in wiring.assemblies] == odors
        assert in_degrees(wiring) == in_degrees(base)
        assert all((p.multiplicity >= 1).all() for p in wiring.projections)
        # Nobody but the members of the forgotten memory lose contacts that they had gained.
        for odor, gained in contacts_of(wiring).items():
            assert gained <= before[odor]
    assert wiring.content_hash() == base.content_hash()


def contacts_of(wiring):
    """Connections each memory has strengthened: {odor: {(projection, target, source)}}."""
    return {
        assembly.odor: {(name, t, g) for name, rows in rows_of(assembly).items() for t, g, _ in rows}
        for assembly in wiring.assemblies
    }


@settings(max_examples=20, deadline=None)
@given(seed=seeds, n=st.integers(1, 5), data=st.data())
def test_a_forgotten_memory_can_be_stored_again(seed, n, data):
    index = data.draw(st.integers(0, n - 1))
    wiring = forget(with_odors(seed, n), index)
    again = add_memory(wiring, some_odor(index, seed), small_rule(seed))
    assert [a.odor for a in again.assemblies] == [*(k for k in range(n) if k != index), index]
    same(forget(again, n - 1), wiring)


def moved(name, *rows):
    return {name: Moves.of(*zip(*rows, strict=True))}


def chain(network, *memories):
    """A network whose neuron 5 has inputs by hand; memories as rows of (gained, lost)."""
    assemblies = tuple(
        Assembly(k, {"E": np.array([5])}, moved("E_to_E", *((5, *row) for row in rows)))
        for k, rows in enumerate(memories)
    )
    return network.replacing([], assemblies=assemblies)


def inputs_of_5(wiring):
    return {s: c for s, c in enumerate(wiring.projection("E", "E").matrix()[[5]].toarray()[0].tolist()) if c}


def with_inputs_of_5(sources):
    """A network in which neuron 5 alone receives anything."""
    base = small_network(1)
    offsets = np.where(np.arange(81) > 5, len(sources), 0)
    only = type(base.projections[0])(
        "E", "E", 0.1, 80, offsets, np.array(sorted(sources), np.int32),
        np.array([sources[s] for s in sorted(sources)], np.uint8),
    )  # fmt: skip
    return base.replacing([only])


@pytest.mark.parametrize(("inputs", "memories", "index", "left", "records"), [
    # Nobody has taken the contact since: it goes back.
    ({2: 1}, [[(2, 1)]], 0, {1: 1}, []),
    # Memory 1 has taken it on to 3: it stays there, as if taken from 1.
    ({3: 1}, [[(2, 1)], [(3, 2)]], 0, {3: 1}, [[(5, 3, 1)]]),
    # There was another contact from 2: memory 1 has taken that one.
    ({2: 1, 3: 1}, [[(2, 1)], [(3, 2)]], 0, {1: 1, 3: 1}, [[(5, 3, 2)]]),
    # Of two takers the first that left none between 2 and 5 has taken it.
    ({3: 1, 4: 1}, [[(2, 1)], [(3, 2)], [(4, 2)]], 0, {3: 1, 4: 1}, [[(5, 3, 2)], [(5, 4, 1)]]),
    # Memory 1 had to take it, although memory 2 has brought another one since.
    ({2: 1, 3: 1}, [[(2, 1)], [(3, 2)], [(2, 6)]], 0, {2: 1, 3: 1}, [[(5, 3, 1)], [(5, 2, 6)]]),
    # Memory 1 has taken it back to where it came from: nothing is left to record.
    ({1: 1}, [[(2, 1)], [(1, 2)]], 0, {1: 1}, [[]]),
    # Memory 1 has taken it on and has brought another one to where it came from: one move is left of two.
    ({1: 1, 3: 1}, [[(2, 1)], [(1, 7), (3, 2)]], 0, {1: 1, 3: 1}, [[(5, 3, 7)]]),
    # The later memory goes first: its contact returns to the earlier one.
    ({3: 1}, [[(2, 1)], [(3, 2)]], 1, {2: 1}, [[(5, 2, 1)]]),
])  # fmt: skip
def test_what_forgetting_does_to_contacts_that_others_have_taken(inputs, memories, index, left, records):
    wiring = forget(chain(with_inputs_of_5(inputs), *memories), index)
    assert inputs_of_5(wiring) == left
    assert [rows_of(a).get("E_to_E", []) for a in wiring.assemblies] == records


def test_a_record_of_another_network_is_refused():
    for rows in ([(2, 1)], [(2, 1), (3, 1)]):
        with pytest.raises(EiassemblyError, match="E_to_E"):
            forget(chain(with_inputs_of_5({3: 1}), rows), 0)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, index=st.integers(0, 3), n_ranks=st.integers(1, 3))
def test_slices_store_and_forget_as_the_whole(seed, index, n_ranks):
    base, rule = small_network(seed), small_rule(seed, within={("E", "E"): 11.5, ("E", "I"): 10})
    odors = [some_odor(k, seed) for k in range(4)]
    whole = forget(with_memories(base, odors, rule), index)

    def work(k, collectives):
        targets = {"E": slice(k, None, n_ranks), "I": slice((k + 1) % n_ranks, None, n_ranks)}
        own = slice_of(base, targets)
        for odor in odors:
            own = add_memory(own, odor, rule, collectives)
        return forget(own, index)

    for own in on_ranks(n_ranks, work):
        assert own.description == whole.description
        for a, b in zip(own.projections, whole.projections, strict=True):
            assert (a.matrix() != b.matrix()[a.target_ids()]).nnz == 0
        for a, b in zip(own.assemblies, whole.assemblies, strict=True):
            assert {n: m.tolist() for n, m in a.members.items()} == {
                n: m.tolist() for n, m in b.members.items()
            }


def test_seeds_and_odors_decide():
    base = small_network(3)
    first, again, other = (add_memory(base, some_odor(0), small_rule(s)) for s in (1, 1, 2))
    same(first, again)
    assert first.content_hash() != other.content_hash()
    assert first.content_hash() != add_memory(base, some_odor(1), small_rule(1)).content_hash()


def test_the_order_is_on_record():
    rule = small_rule()
    wiring = forget(with_memories(small_network(1), [some_odor(4), some_odor(2)], rule), 0)
    steps = wiring.description["memories"]
    assert [(step.get("stored"), step.get("forgotten")) for step in steps] == [
        (4, None),
        (2, None),
        (None, 4),
    ]
    assert rule_from(last_rule(wiring)) == rule
    assert last_rule(small_network(1)) is None


def test_members_do_not_depend_on_other_memories():
    base, rule = small_network(2), small_rule(2)
    alone = add_memory(base, some_odor(9), rule).assemblies[0]
    last = add_memory(with_odors(2, 5), some_odor(9), rule).assemblies[-1]
    for name in ("E", "I"):
        np.testing.assert_array_equal(alone.of(name), last.of(name))


def test_inhibitory_members_by_their_input_from_the_odor():
    wiring, odor = small_network(5, most=1), some_odor(0)
    for source in ("OB", "E"):
        stored = add_memory(wiring, odor, small_rule(chosen_by={"E": "OB", "I": source}, within={}))
        members = stored.assemblies[0]
        group = odor.activated if source == "OB" else members.of("E")
        received = wiring.projection(source, "I").received_from([group])[0]
        assert received[members.of("I")].min() >= np.sort(received)[-6]


def test_enrichment_is_what_storing_has_changed():
    base, wiring = small_network(4), with_odors(4, 3)
    found = measured(wiring).description["enrichment"]
    for name, pair in {"alpha": ("E", "E"), "beta": ("I", "E"), "gamma": ("E", "I")}.items():
        before, after = (
            sum(c.sum() for c in contacts_within(w.projection(*pair), wiring.assemblies))
            for w in (base, wiring)
        )
        assert found[name] == after / before
    assert "enrichment" not in forget(measured(wiring), 0).description


@pytest.mark.parametrize(("change", "message"), [
    (lambda w: add_memory(w, some_odor(1), small_rule()), "odor: expected one that is not stored yet, found"),
    (lambda w: with_memories(w, [some_odor(7), some_odor(7)], small_rule()), "not stored yet, found 7"),
    (lambda w: add_memory(w, some_odor(3), small_rule(members={"E": 81, "I": 6})),
     r"network\.members\.E: expected at most 80 neurons, found 81"),
    (lambda w: forget(w, 2), "memory: expected one of 0 to 1, found 2"),
    (lambda w: forget(w, -1), "memory: expected one of 0 to 1, found -1"),
])  # fmt: skip
def test_what_cannot_be_done(change, message):
    with pytest.raises(ConfigError, match=message):
        change(with_odors(1, 2))


def test_imported_memories_are_not_forgotten_but_others_are_stored_beside_them():
    base = small_network(1)
    imported = base.replacing([], assemblies=(Assembly(0, {"E": np.arange(12), "I": np.arange(6)}),))
    with pytest.raises(ConfigError, match="imported"):
        forget(imported, 0)
    more = add_memory(imported, some_odor(1), small_rule())
    same(forget(more, 1), imported)
    assert "enrichment" not in measured(more).description  # of those that were imported it is not known
    assert achieved(more) == achieved(add_memory(base, some_odor(1), small_rule()))


def test_a_network_without_memories_to_store():
    base = small_network(1)
    same(with_memories(base, [], small_rule()), base)


@settings(max_examples=10, deadline=None)
@given(seed=seeds, start=st.integers(0, 3), step=st.integers(1, 4))
def test_round_trip_whole_and_in_slices(tmp_path_factory, seed, start, step):
    path = tmp_path_factory.mktemp("net") / "NET.h5"
    wiring = forget(with_odors(seed, 4), 1)
    wiring = wiring.replacing([], assemblies=(*wiring.assemblies, Assembly(7, {"E": np.arange(3)})))
    network_file.save(wiring, path)
    loaded = network_file.load(path)
    same(loaded, wiring)
    assert loaded.description == wiring.description
    same(forget(loaded, 1), forget(wiring, 1))
    with h5py.File(path) as h5:
        own = network_file.read_wiring(h5, {"E": slice(start, None, step)})
    for projection in forget(own, 0).projections:
        whole = forget(wiring, 0).projection(projection.source, projection.target)
        assert (projection.matrix() != whole.matrix()[projection.target_ids()]).nnz == 0


@pytest.mark.parametrize("n_ranks", [1, 3])
def test_ranks_write_what_was_moved_as_one_does(n_ranks, tmp_path):
    odors, rule, base = [some_odor(k) for k in range(3)], small_rule(), small_network(8)
    whole = with_memories(base, odors, rule)

    def work(index, collectives):
        sizes = {"E": 80, "I": 40}
        cuts = {name: [n * k // n_ranks for k in (index, index + 1)] for name, n in sizes.items()}
        own = slice_of(base, {name: slice(*cut) for name, cut in cuts.items()})
        own = with_memories(own, odors, rule, collectives)
        with h5py.File(tmp_path / "NET.h5", "w") if index == 0 else nullcontext() as h5:
            network_file.write_slices(h5, own, collectives)

    on_ranks(n_ranks, work)
    same(network_file.load(tmp_path / "NET.h5"), whole)


def test_changed_moves_are_noticed(tmp_path):
    path = tmp_path / "NET.h5"
    network_file.save(with_odors(1, 2), path)
    with h5py.File(path, "r+") as h5:
        h5["moves/E_to_E/lost"][0] += 1
    with pytest.raises(FileFormatError, match=r"NET\.h5: /moves: content does not match its content_hash"):
        network_file.load(path)


@pytest.mark.parametrize("structure", ["tuned_ei", "tuned_i", "scaled_i"])
def test_build_is_storing_one_by_one(structure):
    config = parse_config({"network": {"structure": structure, "assemblies": 5, "chi": 1.0}}, "test")
    whole, wiring = build(config), build_base(config.network)
    for odor in learned_odors(config):
        wiring = add_memory(wiring, odor, rule_of(config.network))
    same(wiring, whole)
    assert measured(wiring).description["enrichment"] == whole.description["enrichment"]
    same(forget(whole, 4), build_of_the_first_four(structure))
    for index in (2, 0, 2, 1, 0):
        whole = forget(whole, index)
    assert whole.content_hash() == build_base(config.network).content_hash()


def build_of_the_first_four(structure):
    network = {"structure": structure, "assemblies": 4, "chi": 1.0}
    return build(parse_config({"network": network}, "test"))


def test_half_shared_odors_share_a_sixth_of_their_members():
    """M4: 16 % on average; the paper's range is 10 to 22 %."""
    shared = []
    for seed in (1, 2, 3):
        table = {"network": {"seed": seed}, "odors": {"seed": seed, "overlap_with": 3, "novel": 4}}
        config = parse_config(table, "test")
        stored = learned_odors(config)[3]
        rule = rule_of(config.network)
        wiring = with_memories(build_base(config.network), [stored, *novel_odors(config)], rule)
        first, *others = (assembly.of("E") for assembly in wiring.assemblies)
        shared += [len(np.intersect1d(first, other)) / 100 for other in others]
    assert 0.14 <= np.mean(shared) <= 0.18
    assert min(shared) > 0.07  # 0.025 by chance


def test_three_hundred_memories():
    config = parse_config({"network": {"structure": "tuned_ei", "preset": "D"}}, "test")
    base, rule = build_base(config.network), rule_of(config.network)
    wiring = with_memories(base, [odor_of(config, k) for k in range(299)], rule)
    more = add_memory(wiring, odor_of(config, 299), rule)
    assert [assembly.odor for assembly in more.assemblies] == list(range(300))
    for before, after in zip(base.projections, more.projections, strict=True):
        np.testing.assert_array_equal(before.in_degree(), after.in_degree())
        assert (after.multiplicity >= 1).all()
    same(forget(more, 299), wiring)
    fewer = forget(forget(more, 0), 150)
    for before, after in zip(base.projections, fewer.projections, strict=True):
        np.testing.assert_array_equal(before.in_degree(), after.in_degree())
    # The memory stored last has what it was given, whichever others are forgotten.
    for pair, within in rule.within.items():
        assert contacts_within(fewer.projection(*pair), fewer.assemblies)[-1].mean() > 0.97 * within
