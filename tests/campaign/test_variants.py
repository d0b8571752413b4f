"""Variants of a campaign: what varies in each, and runs that need other runs."""

import json

import pytest

from eiassembly.campaign.plan import load_campaign
from eiassembly.campaign.slurm import stages
from eiassembly.campaign.states import State
from eiassembly.core.errors import ConfigError

TWO = """
[odors]
novel = 3
[vary.network]
structure = ["rand", "tuned_ei"]
seed = [4, 5]
"""
REPLAYED = """
[[variant]]
name = "shuffled"
after = "plain"
[[variant.simulation.replay]]
population = "I"
shuffle = "times"
[[variant]]
name = "plain"
"""


def planned(folder, text):
    path = folder / "some.toml"
    path.write_text(text)
    return load_campaign(path)


def labels(plan):
    return [run.label for run in plan.runs]


def test_a_variant_has_its_own_values_of_what_varies(tmp_path):
    """They take the place of the same keys; other keys vary as in all variants."""
    variants = """
    [[variant]]
    name = "few"
    vary.network.seed = [9]
    [[variant]]
    name = "all"
    [[variant]]
    name = "more"
    [variant.vary.network]
    structure = ["rand"]
    [variant.vary.odors]
    seed = [2, 3]
    """
    plan = planned(tmp_path, TWO + variants)
    seeds = [f"more-rand-network.seed{seed}-odors.seed" for seed in (4, 5)]
    assert labels(plan) == [
        "few-rand-seed9", "few-tuned_ei-seed9",
        "all-rand-seed4", "all-rand-seed5", "all-tuned_ei-seed4", "all-tuned_ei-seed5",
        *(f"{name}{seed}" for name in seeds for seed in (2, 3)),
    ]  # fmt: skip
    assert plan.runs[0].config.network.seed == 9
    assert plan.runs[-1].config.odors.seed == 3


def test_a_run_replays_that_of_the_other_variant_with_the_same_values(tmp_path):
    plan = planned(tmp_path, TWO + REPLAYED)
    shuffled, plain = plan.runs[:4], plan.runs[4:]
    assert [run.label for run in plain] == [run.label.replace("shuffled", "plain") for run in shuffled]
    assert [run.after for run in shuffled] == list(plain)
    assert all(run.after is None for run in plain)
    (replay,) = shuffled[1].config.simulation.replay
    assert replay.run == f"../{plain[1].name}/run.h5"


def test_values_that_only_one_of_both_has_do_not_matter(tmp_path):
    own = "[variant.vary.network]\nseed = [5]\n[variant.vary.simulation]\ndelay = [0.1, 1.0]\n[[variant]]\n"
    plan = planned(tmp_path, TWO + REPLAYED.replace('[[variant]]\nname = "plain"', f'{own}name = "plain"'))
    shuffled = [run for run in plan.runs if run.after]
    assert [run.after.label for run in shuffled] == ["plain-rand-seed5"] * 2 + ["plain-tuned_ei-seed5"] * 2


def test_the_hash_is_of_the_run_that_is_replayed_not_of_where_it_is(tmp_path):
    """What changes the other run changes the hash of this one; how its path is given does not."""
    text = TWO + REPLAYED
    found = {run.label: run.identity for run in planned(tmp_path, text).runs}
    (tmp_path / "there").mkdir()
    moved = load_campaign(tmp_path / "some.toml", folder=tmp_path / "there")
    assert {run.label: run.identity for run in moved.runs} == found
    written = text.replace('shuffle = "times"', 'shuffle = "times"\nrun = "{after}"')
    assert {run.label: run.identity for run in planned(tmp_path, written).runs} == found
    other = planned(tmp_path, text + "simulation = { delay = 1.0 }\n")
    assert not {run.identity for run in other.runs} & set(found.values())


def test_chains(tmp_path):
    third = '[[variant]]\nname = "again"\nafter = "shuffled"\nodors = { novel = 1 }\n'
    plan = planned(tmp_path, TWO + REPLAYED + third)
    states = [State(run, "missing") for run in plan.runs]
    assert stages(states) == [[4, 5, 6, 7], [0, 1, 2, 3], [8, 9, 10, 11]]
    assert plan.runs[8].after is plan.runs[0]
    kinds = ["done", "running", "failed", "missing"]
    states[:8] = [State(run, kind) for run, kind in zip(plan.runs, [*["missing"] * 4, *kinds], strict=False)]
    # Run 1, and therefore 9, needs one that somebody is working on.
    assert stages(states) == [[0, 6, 7], [2, 3, 8], [10, 11]]


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ('name = "a"\nafter = "b"', "variant a: after: expected one of a, found b"),
        ('name = "a"\nafter = "a"', "variant a: after: expected no circle, found a after a"),
        (
            'name = "a"\nafter = "b"\n[[variant]]\nname = "b"\nafter = "a"',
            "variant b: after: expected no circle, found a after b after a",
        ),
        ('name = "a"\n[[variant]]\nname = "a"', "variant: expected different names, found a twice"),
        (
            'name = "a"\nafter = "b"\nvary.network.seed = [6]\n[[variant]]\nname = "b"\nodors.novel = 1',
            "run a-rand-seed6: after: expected one run of b with network.structure = rand, network.seed = 6, "
            "found 0",
        ),
        (
            'name = "a"\nafter = "b"\n[[variant]]\nname = "b"\nvary.odors.seed = [2, 3]',
            "run a-rand-seed4: after: expected one run of b with network.structure = rand, network.seed = 4, "
            "found 2",
        ),
        (
            'name = "a"\nsimulation.replay = [{ population = "I", run = "{after}" }]',
            "run a-rand-seed4: simulation.replay.0.run: expected a path where the variant has no after, "
            "found {after}",
        ),
        (
            'name = "a"\nsimulation.replay = [{ population = "I" }]',
            "run a-rand-seed4: simulation.replay.0.run: expected this key, found none",
        ),
        (
            'name = "a"\nafter = "b"\nsimulation.replay = 3\n[[variant]]\nname = "b"',
            "run a-rand-seed4: simulation.replay: expected a valid list, found 3",
        ),
        ('name = "a"\nvary.output.dir = ["x"]', "variant.0.vary.output: expected one of network, odors, sim"),
        (
            'name = "a"\nvary.network.seed = []',
            "variant.0.vary.network.seed: expected at least one value, found none",
        ),
    ],
)
def test_mistakes_are_named(variants, message, tmp_path):
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path, f"{TWO}[[variant]]\n{variants}\n")
    assert str(caught.value).startswith(f"{tmp_path / 'some.toml'}: {message}")


def test_the_hash_of_an_own_path_is_as_it_is_written(tmp_path):
    """Runs outside the campaign are not known: their paths are."""
    text = TWO + '[[variant]]\nname = "a"\nsimulation.replay = [{ population = "I", run = "x.h5" }]\n'
    one, other = (planned(tmp_path, text.replace("x.h5", name)).runs[0] for name in ("x.h5", "y.h5"))
    assert json.loads(one.dynamics.model_dump_json())["replay"][0]["run"] == "x.h5"
    assert one.identity != other.identity
