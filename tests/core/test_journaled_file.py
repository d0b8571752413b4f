"""A run killed after any of its writes, or in the midst of one, leaves a file with every completed block."""

import os
import re
from pathlib import Path

import h5py
import numpy as np
import pytest
from simulations import poisson_odors, random_network, simulated

from eiassembly.core import journal
from eiassembly.core.hdf5 import created
from eiassembly.core.journal import JournaledFile, recover
from eiassembly.model.output import run_file

PAGE = 4096
"""What the kernel writes in one go, also for a process that is being killed."""
BEHIND = 25
"""Of writes behind the end of what is committed, to which nothing refers, every so manieth is looked at."""


class Log:
    """What a process does to a file, and which blocks it has completed when."""

    def __init__(self, monkeypatch):
        self.entries = []
        write, cut, append = os.pwrite, os.ftruncate, run_file.RunWriter.append

        def pwrite(descriptor, data, offset):
            self.entries.append((offset, bytes(data)))
            return write(descriptor, data, offset)

        def ftruncate(descriptor, size):
            self.entries.append((size, None))
            return cut(descriptor, size)

        def appended(writer, block, states=None):
            append(writer, block, states)
            self.entries.append((block.last_step, "completed"))

        monkeypatch.setattr(os, "pwrite", pwrite)
        monkeypatch.setattr(os, "ftruncate", ftruncate)
        monkeypatch.setattr(run_file.RunWriter, "append", appended)

    def states(self):
        """After every entry: bytes of the file, last step completed, and whether a write ends here."""
        image, completed, committed = bytearray(), -1, 0
        for number, (where, what) in enumerate(self.entries):
            if what == "completed":
                completed = where
            elif what is None:
                resize(image, where)
                committed = where
                yield image, completed, True
            else:
                for start in range(0, len(what), PAGE):  # torn between pages
                    put(image, where + start, what[start : start + PAGE])
                    if where < committed or number % BEHIND == 0:
                        yield image, completed, start + PAGE >= len(what)


def resize(image, size):
    del image[size:]
    image.extend(bytes(size - len(image)))


def put(image, where, data):
    resize(image, max(len(image), where + len(data)))
    image[where : where + len(data)] = data


def columns(h5):
    """Everything that grows with the blocks, by name: (times, values)."""
    found = {f"spikes/{name}": (g["timestamps"], g["node_ids"]) for name, g in h5["spikes"].items()}
    for name, group in h5["eiassembly/records"].items():
        for quantity in set(group) - {"times", "node_ids"}:
            found[f"{name}/{quantity}"] = (group["times"], group[quantity])
    return found


class Whole:
    """The finished run, and what of it a file has to hold."""

    def __init__(self, path):
        with h5py.File(path) as h5:
            self.columns = {name: (t[:], v[:]) for name, (t, v) in columns(h5).items()}

    def assert_part(self, path, completed, is_repaired=False):
        with h5py.File(path) as h5:
            attributes = h5["eiassembly"].attrs
            until = attributes["simulated"]
            assert until >= max(completed, 0) * 0.1 - 1e-9
            found = columns(h5)
            assert found.keys() == self.columns.keys()
            for name, (times, values) in self.columns.items():
                n = np.searchsorted(times, until + 1e-9)
                np.testing.assert_array_equal(found[name][0][:n], times[:n], err_msg=name)
                np.testing.assert_array_equal(found[name][1][:n], values[:n], err_msg=name)
            if attributes["complete"]:
                assert "provenance" in h5["eiassembly"]
            if is_repaired:
                self.assert_snapshot(h5["eiassembly/checkpoint"], until)
            return until

    def assert_snapshot(self, group, until):
        """That of the last block, no mixture of two: as the recorded cells say."""
        assert group.attrs["step"] * 0.1 == pytest.approx(until)
        for name in ("E", "I") if until else ():
            times, recorded = self.columns[f"{name}/V_m"]
            at_the_end = recorded[np.searchsorted(times, until - 1e-9)]
            np.testing.assert_array_equal(group[name][: len(at_the_end), 0], at_the_end)


def levels_of_trees(path):
    """Of the deepest tree that finds chunks: HDF5 notes the level of every node, from 0, behind its kind."""
    return 1 + max(node[5] for node in re.findall(rb"TREE\x01.", path.read_bytes(), re.DOTALL))


@pytest.fixture(
    scope="module",
    params=[(2, 4, 10.0, 2000, 100.0), (3, 1, 30.0, 1200, 800.0), (1, 1 << 16, 20.0, 1000, 100.0)],
    ids=["trees of two levels", "trees of three levels", "one chunk"],
)
def killed_run(request, tmp_path_factory):
    """Chunks of some rows, of one, and of more than there are; many blocks and few."""
    levels, chunk, block, n_steps, rate = request.param
    folder = tmp_path_factory.mktemp("killed")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(run_file, "_CHUNK", chunk)
        log = Log(monkeypatch)
        recorded = {"record": ("V_m", "g_E"), "every": 1.0, "cells": 3, "checkpoint_every": block}
        odors = poisson_odors(1, n_steps, rate)
        run = simulated(folder, random_network(1, drive=3.0), odors, block=block, **recorded)
    assert levels_of_trees(run) == levels
    # What the command writes before: NET.h5 and ODORS.h5.
    begins = [index for index, (where, what) in enumerate(log.entries) if what is None and where == 0]
    log.entries = log.entries[begins[-1] :]
    return log, Whole(run), folder / "cut.h5"


@pytest.mark.nest
def test_after_every_write(killed_run):
    """Plain h5py, without any repair: as soon as the run has begun, all completed blocks are there."""
    log, whole, path = killed_run
    seen = set()
    for image, completed, is_end in log.states():
        if completed >= 0 and is_end:
            path.write_bytes(image)
            seen.add(round(whole.assert_part(path, completed), 1))
    assert len(seen) >= 4


@pytest.mark.nest
def test_in_the_midst_of_a_write(killed_run):
    """After the repair, which is one only while a commit is going on."""
    log, whole, path = killed_run
    repaired = 0
    for index, (image, completed, is_end) in enumerate(log.states()):
        if completed >= 0 and (not is_end or index % 7 == 0):
            path.write_bytes(image)
            repaired += recover(path)
            whole.assert_part(path, completed, is_repaired=True)
            assert not recover(path)
    assert repaired > 3


@pytest.mark.nest
def test_before_the_first_block(killed_run):
    """An empty HDF5 file, or none yet; then one that says that nothing has been simulated."""
    log, _, path = killed_run
    readable = 0
    for image, completed, _ in log.states():
        if completed >= 0:
            break
        path.write_bytes(image)
        recover(path)
        try:
            h5 = h5py.File(path)
        except OSError:
            assert readable == 0  # once there is an HDF5 file, there is one for ever
            continue
        with h5:
            readable += 1
            if "eiassembly" in h5 and "simulated" in h5["eiassembly"].attrs:
                assert h5["eiassembly"].attrs["simulated"] >= 0
    assert readable > 3


def test_a_journal_repairs_whatever_was_done_of_it(tmp_path):
    """Also overlapping changes, and a file that gets shorter."""
    disk = JournaledFile(tmp_path / "file")
    disk.write(memoryview(bytes(range(200)) * 50))
    disk.commit()
    before = (tmp_path / "file").read_bytes()
    for offset, data in ((100, b"first"), (103, b"second"), (5000, bytes(3000)), (100, b"FIRST")):
        disk.seek(offset)
        disk.write(memoryview(data))
        assert (tmp_path / "file").read_bytes() == before
    disk.truncate(7000)
    with pytest.MonkeyPatch.context() as monkeypatch:
        log = Log(monkeypatch)
        disk.close()
    after = (tmp_path / "file").read_bytes()
    expected = bytearray(before[:7000])
    for offset, data in ((103, b"second"), (5000, bytes(2000)), (100, b"FIRST")):
        expected[offset : offset + len(data)] = data
    assert after == expected
    copy, found = tmp_path / "copy", set()
    for n in range(len(log.entries) + 1):
        image = bytearray(before)
        for offset, data in log.entries[:n]:
            resize(image, offset) if data is None else put(image, offset, data)
        for cut in (0, 1, 40, 300):  # a journal without its end is none
            copy.write_bytes(image[: len(image) - cut])
            if recover(copy):
                assert copy.read_bytes() == after
                found.add((n, cut))
    assert {cut for _, cut in found} == {0}
    assert len(found) == len(log.entries) - 1  # from the journal on, until it is cut off


def test_an_abandoned_file_is_that_of_the_last_flush(tmp_path):
    path = tmp_path / "run.h5"

    def fail():
        with created(path, keep_on_error=True) as h5:
            h5["kept"] = np.arange(5)
            h5.attrs["state"] = "kept"
            h5.flush()
            h5["lost"] = np.arange(100_000)
            h5.attrs["state"] = "lost"
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail()
    partial = Path(f"{path}.partial")
    with h5py.File(partial) as h5:
        assert list(h5) == ["kept"]
        assert h5.attrs["state"] == "kept"
    assert partial.stat().st_size < 100_000


def test_what_is_held_back_is_read_back(tmp_path):
    """HDF5 reads what it has written, wherever that is at the time."""
    with created(tmp_path / "file.h5") as h5:
        data = h5.create_dataset("data", data=np.zeros(50_000), chunks=(1000,))
        h5.flush()
        held = []
        for value in (1.0, 2.0):
            data[10_000:40_000] = value
            data.id.flush()
            assert (data[10_000:40_000] == value).all()
            held.append(len(h5._disk._held))
        assert held == [30, 30]  # not more with every change of the same
        assert (h5py.File(tmp_path / "file.h5.partial", locking=False)["data"][:] == 0).all()
    assert (h5py.File(tmp_path / "file.h5")["data"][10_000:40_000] == 2).all()


def test_foreign_files_are_left_alone(tmp_path):
    for content in (b"", b"short", bytes(10_000), b"text\n" * 50 + journal._MARK):
        path = tmp_path / "file"
        path.write_bytes(content)
        assert not recover(path)
        assert path.read_bytes() == content
