"""NET.h5: round trips, copies inside other files, parts for some targets, damaged files."""

import json
from contextlib import nullcontext

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_projections import random_projection
from ranks import on_ranks
from run_files import random_wiring

from eiassembly.config.parameters import EXCITATORY, INHIBITORY, two_populations
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.files import projections
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.errors import EnvironmentProblemError, FileFormatError


@pytest.fixture
def wiring():
    sizes = {"OB": 15, "E": 40, "I": 30}
    pairs = [("OB", "E"), ("E", "E"), ("E", "I"), ("I", "E")]
    return Wiring(
        populations=two_populations(EXCITATORY, INHIBITORY, sizes),
        projections=tuple(
            random_projection(k, sizes[s], sizes[t], most=3, source=s, target=t, strength=0.1 + k / 7)
            for k, (s, t) in enumerate(pairs)
        ),
        assemblies=(
            Assembly(0, {"E": np.array([1, 4]), "I": np.array([2])}),
            Assembly(3, {"E": np.array([5])}),
        ),
        description={"origin": "test", "numbers": [1, 2.5, None]},
    )


def test_round_trip(wiring, tmp_path):
    network_file.save(wiring, tmp_path / "NET.h5")
    loaded = network_file.load(tmp_path / "NET.h5")
    assert loaded.content_hash() == wiring.content_hash()
    assert loaded.populations == wiring.populations
    assert [p.name for p in loaded.projections] == [p.name for p in wiring.projections]
    assert loaded.description == wiring.description
    assert [a.odor for a in loaded.assemblies] == [0, 3]
    for loaded_p, p in zip(loaded.projections, wiring.projections, strict=True):
        assert (loaded_p.matrix() != p.matrix()).nnz == 0
        assert loaded_p.sources.dtype == np.int32
        assert loaded_p.strength == p.strength


def test_a_copy_inside_another_file_is_a_network_too(wiring, tmp_path):
    network_file.save(wiring, tmp_path / "NET.h5")
    with h5py.File(tmp_path / "NET.h5") as net, h5py.File(tmp_path / "RUN.h5", "w") as run:
        net.copy(net["/"], run, "eiassembly/network")
        assert network_file.read_wiring(run["eiassembly/network"]).content_hash() == wiring.content_hash()
        assert len(network_file.read_assemblies(run["eiassembly/network"])) == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(start=st.integers(0, 40), stop=st.integers(0, 45), step=st.integers(1, 9), block=st.integers(1, 400))
def test_some_targets_are_read_alone(wiring, tmp_path, monkeypatch, start, stop, step, block):
    monkeypatch.setattr(projections, "_BLOCK", block)
    whole = wiring.projection("E", "E")
    with h5py.File(tmp_path / "p.h5", "w") as h5:
        projections.create_projection(h5, whole)
        projections.write_projection(h5, whole)
        own = projections.read_projection(h5, slice(start, stop, step))
    np.testing.assert_array_equal(own.target_ids(), np.arange(40)[start:stop:step])
    assert (own.matrix() != whole.matrix()[start:stop:step]).nnz == 0


def test_a_rank_reads_its_targets_of_every_projection(wiring, tmp_path):
    network_file.save(wiring, tmp_path / "NET.h5")
    with h5py.File(tmp_path / "NET.h5") as h5:
        own = network_file.read_wiring(h5, {"E": slice(1, None, 2)})
    assert [p.n_targets for p in own.projections] == [20, 20, 30, 20]
    assert own.projection("OB", "E").targets().min() >= 1


def test_changed_content_is_noticed(wiring, tmp_path):
    path = tmp_path / "NET.h5"
    network_file.save(wiring, path)
    with h5py.File(path, "r+") as h5:
        h5["projections/E_to_E/sources"][0] += 1
    with pytest.raises(FileFormatError, match=r"NET\.h5.*content_hash"):
        network_file.load(path)


@pytest.mark.parametrize("lost", ["projections/E_to_E/sources", "populations/E", "assemblies", "description"])
def test_a_missing_part_is_named_with_the_file(wiring, tmp_path, lost):
    path = tmp_path / "NET.h5"
    network_file.save(wiring, path)
    with h5py.File(path, "r+") as h5:
        del h5[lost]
    with pytest.raises(FileFormatError, match=r"NET\.h5: damaged or incomplete"):
        network_file.load(path)


def test_foreign_truncated_and_missing_files(wiring, tmp_path):
    path = tmp_path / "NET.h5"
    with pytest.raises(FileFormatError, match="no such file"):
        network_file.load(path)
    path.write_text(json.dumps({"not": "HDF5"}))
    with pytest.raises(FileFormatError, match="not a readable HDF5 file"):
        network_file.load(path)
    h5py.File(path, "w").close()
    with pytest.raises(FileFormatError, match="expected eiassembly-network, found nothing"):
        network_file.load(path)
    network_file.save(wiring, path)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(FileFormatError, match=r"NET\.h5"):
        network_file.load(path)


def test_nothing_is_left_when_writing_fails(wiring, tmp_path, monkeypatch):
    monkeypatch.setattr(
        network_file, "_write_assembly", lambda *_: (_ for _ in ()).throw(OSError(28, "full"))
    )
    with pytest.raises(EnvironmentProblemError, match="no space left"):
        network_file.save(wiring, tmp_path / "NET.h5")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("n_ranks", [1, 3])
def test_ranks_write_the_file_of_one(n_ranks, tmp_path):
    """Slices of very different sizes, one of them empty."""
    whole = random_wiring(7, sizes={"OB": 30, "E": 40, "I": 2})
    network_file.save(whole, tmp_path / "whole.h5")

    def work(index, collectives):
        cuts = {p.name: [p.size * k // n_ranks for k in (index, index + 1)] for p in whole.populations}
        with h5py.File(tmp_path / "whole.h5", locking=False) as h5:
            own = network_file.read_wiring(h5, {name: slice(*cut) for name, cut in cuts.items()})
        with h5py.File(tmp_path / "parts.h5", "w") if index == 0 else nullcontext() as h5:
            network_file.write_slices(h5, own, collectives)

    on_ranks(n_ranks, work)
    parts = network_file.load(tmp_path / "parts.h5")
    assert parts.content_hash() == whole.content_hash()
    for one, other in zip(whole.projections, parts.projections, strict=True):
        for name in ("offsets", "sources", "multiplicity"):
            assert getattr(one, name).dtype == getattr(other, name).dtype
