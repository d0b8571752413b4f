"""From a campaign's file to its runs: all combinations, names, hashes, estimates, mistakes."""

import pytest

from eiassembly.campaign.estimate import estimate
from eiassembly.campaign.plan import load_campaign
from eiassembly.config.config import parse_config
from eiassembly.connectivity.build import build, n_contacts
from eiassembly.core.errors import ConfigError

TWO = """
[odors]
novel = 3
[vary.network]
structure = ["rand", "tuned_ei"]
seed = [4, 5]
"""


def planned(folder, text, *overrides, name="some.toml"):
    path = folder / name
    path.write_text(text)
    return load_campaign(path, overrides)


def identities(folder, text, *overrides):
    return [run.identity for run in planned(folder, text, *overrides).runs]


def test_every_combination_is_a_run_the_last_key_fastest(tmp_path):
    plan = planned(tmp_path, TWO)
    assert [run.label for run in plan.runs] == [
        "rand-seed4",
        "rand-seed5",
        "tuned_ei-seed4",
        "tuned_ei-seed5",
    ]
    assert [(run.config.network.structure, run.config.network.seed) for run in plan.runs] == [
        ("rand", 4), ("rand", 5), ("tuned_ei", 4), ("tuned_ei", 5),
    ]  # fmt: skip
    assert all(run.config.odors.novel == 3 for run in plan.runs)
    assert plan.runs[0].changes == {"network.structure": "rand", "network.seed": 4}
    assert (plan.name, str(plan.folder)) == ("some", "results/some")


def test_names_tell_runs_apart_and_are_names_of_folders(tmp_path):
    text = (
        TWO
        + '[vary.odors]\nseed = [1, 2]\n[vary.simulation]\ndelay = [0.1, 1.0]\n[[variant]]\nname = "a/b c"\n'
    )
    names = [run.name for run in planned(tmp_path, text).runs]
    assert len(set(names)) == 16
    assert names[0].startswith("a_b_c-rand-network.seed4-odors.seed1-delay0.1-")
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEF0123456789._-+") for name in names)


def test_variants_change_several_keys_and_what_varies_wins(tmp_path):
    variants = """
    [[variant]]
    name = "few"
    odors = { novel = 1, learned = 1, duration = 500.0 }
    network = { seed = 9 }
    [[variant]]
    name = "many"
    odors = { novel = 7 }
    """
    plan = planned(tmp_path, TWO + variants)
    found = [
        (r.label, r.config.odors.novel, r.config.odors.learned, r.config.network.seed) for r in plan.runs
    ]
    assert found[0] == ("few-rand-seed4", 1, 1, 4)
    assert found[-1] == ("many-tuned_ei-seed5", 7, 0, 5)
    assert len(found) == 8


def test_the_hash_is_of_what_shapes_the_result_and_of_nothing_else(tmp_path):
    same = identities(tmp_path, TWO)
    for setting in ("simulation.threads=7", "simulation.block=10.0", "output.dir=elsewhere", "slurm.ranks=4"):
        assert identities(tmp_path, TWO, setting) == same
    others = (
        "simulation.delay=1.0",
        "odors.seed=2",
        "network.scale=2",
        "run.neuron=nest",
        "odors.duration=1.0",
    )
    changed = [identities(tmp_path, TWO, setting) for setting in others]
    everything = {one for found in (same, *changed) for one in found}
    assert len(everything) == len(same) * (1 + len(others))


def test_what_is_a_default_may_be_written_down(tmp_path):
    assert identities(tmp_path, TWO) == identities(tmp_path, TWO, "network.preset=A", "simulation.delay=0.1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[vary.network]\nstructure = []", "vary.network.structure: expected at least one value, found none"),
        ("[vary.output]\ndir = ['a']", "vary.output: expected one of network, odors, simulation"),
        ("[varyy.network]\nseed = [1]", "varyy: unknown key; did you mean vary?"),
        ("[vary.network]\nsede = [1]", "run sede1: network.sede: unknown key; did you mean seed?"),
        (
            "[vary.network]\nseed = [1, -1]",
            "run seed-1: network.seed: expected greater than or equal to 0, found -1",
        ),
        (
            "[vary.network]\nseed = [3, 3]",
            "expected different runs, found seed3 and seed3 with the same configuration",
        ),
        ("[vary.simulation]\nthreads = [1, 2]", "expected different runs, found threads1 and threads2 with"),
        ("[slurm]\nranks = 0", "slurm.ranks: expected greater than or equal to 1, found 0"),
        ("[odors]\nnovel = 0", "run run: odors.novel: expected at least 1 when learned is 0, found 0"),
    ],
)
def test_mistakes_are_named(text, message, tmp_path):
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'some.toml'}: {message}")


def test_a_campaign_of_one_run(tmp_path):
    (run,) = planned(tmp_path, "").runs
    assert run.name == f"run-{run.identity[:10]}"


@pytest.mark.parametrize(("name", "n"), [("paper", 128), ("small", 16), ("scaling", 4)])
def test_the_campaigns_of_the_repository(name, n, repository):
    assert len(load_campaign(repository / "jobs" / "campaigns" / f"{name}.toml").runs) == n


def config(**tables):
    return parse_config(tables, "a test")


@pytest.mark.parametrize(
    "network",
    [{}, {"preset": "C", "seed": 3}, {"scale": 2}, {"preset": "dp3_B"}, {"probability": {"E_to_E": 0.1}}],
)
def test_contacts_are_about_those_that_are_built(network):
    wanted = config(network={**network, "assemblies": 0})
    built = sum(p.n_contacts for p in build(wanted).projections)
    assert n_contacts(wanted.network) == pytest.approx(built, rel=0.01)  # equalising outputs moves some


def test_estimates_follow_the_formulas():
    """Time of the simulation grows with the protocol alone, memory does not; both shrink with ranks."""
    short, long = (config(network={"scale": 4}, odors={"novel": n}) for n in (4, 8))
    one, two = estimate(short, 1, 1), estimate(long, 1, 1)
    four = estimate(config(network={"scale": 4}, odors={"novel": 16}), 1, 1)
    assert four.seconds - two.seconds == pytest.approx(2 * (two.seconds - one.seconds))
    assert one.memory == two.memory
    assert estimate(short, 4, 1).memory < one.memory
    assert estimate(short, 4, 1).seconds < one.seconds
    assert estimate(short, 1, 4).memory == one.memory


def test_what_is_asked_for_is_more_than_the_estimate():
    found = estimate(config(network={"scale": 40}, odors={"novel": 100}), 1, 1)
    assert found.minutes_to_ask_for * 60 >= 3 * found.seconds > 600
    assert found.memory_to_ask_for >= 1.5 * found.memory > 500
    least = estimate(config(odors={"novel": 1}), 1, 1)
    assert (least.minutes_to_ask_for, least.memory_to_ask_for) == (10, 500)
