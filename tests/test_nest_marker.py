"""A test that uses NEST without saying so fails: with the other build of NEST it would not be run."""

import importlib.util
import subprocess
import sys

import pytest
from command_line import environment, run_command
from nest_kernel import fresh_kernel
from nest_marker import without_nest
from without_nest.sitecustomize import WHY

IMPORT = (sys.executable, "-c", "import nest")


def test_nest_cannot_be_imported_without_the_marker():
    with pytest.raises(RuntimeError, match="without the marker nest"):
        importlib.import_module("nest")


def test_nor_be_found_by_a_command():
    done = run_command("doctor")
    assert done.returncode != 0
    assert WHY in done.stdout + done.stderr


def test_nor_be_imported_by_a_process():
    done = subprocess.run(IMPORT, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert WHY in done.stderr


@pytest.mark.nest
def test_nest_that_was_loaded_before_cannot_be_used():
    fresh_kernel()
    with without_nest(), pytest.raises(RuntimeError, match="without the marker nest"):
        fresh_kernel()
    fresh_kernel()


@pytest.mark.nest
def test_with_the_marker_everything_is_there():
    assert importlib.util.find_spec("nest")
    assert subprocess.run(IMPORT, env=environment(), capture_output=True, check=False).returncode == 0
