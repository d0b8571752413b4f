"""More threads than processors are an error, for one process and for several, bound or not."""

import os

import pytest
from command_line import run_command

from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.processors import VARIABLE, Share, check_processors, is_allowed, limit_spinning


def shares(*processors, machines=None):
    machines = machines or [0] * len(processors)
    return [Share(machine, frozenset(cpus)) for machine, cpus in zip(machines, processors, strict=True)]


@pytest.mark.parametrize(
    ("given", "threads"),
    [
        (shares(range(4)), 4),
        (shares(range(4), range(4)), 2),
        (shares([0], [1]), 1),
        (shares([0, 1], [2, 3]), 2),
        (shares(range(2), range(2), machines=[0, 1]), 2),
    ],
)
def test_enough(given, threads):
    check_processors(given, threads)


@pytest.mark.parametrize(
    ("given", "threads", "message"),
    [
        (shares(range(4)), 5, r"--threads \(.*\): 5 threads, but 4 processors may be used; expected"),
        (shares(range(4), range(4)), 3, "2 processes with 3 threads, but 4 processors may be used; expected"),
        (shares([0], [0]), 1, "2 processes with 1 threads, but 1 processors"),
        (
            shares(range(8), range(8), [0, 1], [0, 1], machines=[0, 0, 2, 2]),
            2,
            "2 processes with 2 threads, but 2 processors may be used on the machine of process 2; expected",
        ),
        (
            shares([0], [1, 2, 3]),
            2,
            "2 threads, but the launcher binds process 0 to 1 processors; .*--bind-to none",
        ),
    ],
)
def test_too_few(given, threads, message):
    with pytest.raises(EnvironmentProblemError, match=message):
        check_processors(given, threads)


@pytest.mark.parametrize(
    ("variables", "allowed"),
    [({}, False), ({VARIABLE: "0"}, False), ({VARIABLE: ""}, False), ({VARIABLE: "1"}, True)],
)
def test_the_environment_allows_it(variables, allowed):
    assert is_allowed(variables) == allowed


@pytest.mark.nest
def test_the_command(tmp_path):
    """Before anything is read; with --oversubscribe the next thing is wrong."""
    threads = str(len(os.sched_getaffinity(0)) + 1)
    command = ("simulate", "none.h5", "none.h5", "--out", "run.h5", "--threads", threads)
    refused = run_command(*command, cwd=tmp_path, variables={VARIABLE: "0"})
    assert refused.returncode == 1
    assert f"{threads} threads, but {int(threads) - 1} processors may be used" in refused.stderr
    allowed = run_command(*command, "--oversubscribe", cwd=tmp_path, variables={VARIABLE: "0"})
    assert "none.h5" in allowed.stderr


def test_spinning_is_limited_unless_the_user_has_decided():
    environment = {}
    limit_spinning(environment)
    assert environment.keys() == {"GOMP_SPINCOUNT"}
    for decided in ({"OMP_WAIT_POLICY": "active"}, {"GOMP_SPINCOUNT": "7"}):
        left_alone = dict(decided)
        limit_spinning(left_alone)
        assert left_alone == decided
