"""The NEST model spike_train_source: prescribed spikes, one schedule for all sources of a thread."""

import numpy as np
import pytest
from nest_kernel import SOURCE, fresh_kernel

pytestmark = pytest.mark.nest


def recorded(nest, sources):
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
    nest.Connect(sources, recorder)
    return recorder


def events(recorder):
    return sorted(zip(recorder.events["times"].tolist(), recorder.events["senders"].tolist(), strict=True))


def give(nest, sources, spikes):
    """Each thread's first source takes (steps, senders) of all."""
    for source in sources[: nest.local_num_threads]:
        source.set(steps=[step for step, _ in spikes], senders=[sender for _, sender in spikes])


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("block", [1.0, 0.7, 5.0])
def test_sources_fire_when_they_are_told(threads, block):
    """The first and the last step, twice in a step, block by block."""
    nest = fresh_kernel(threads)
    sources = nest.Create(SOURCE, 10)
    recorder = recorded(nest, sources)
    rng = np.random.default_rng(7)
    spikes = [tuple(pair) for pair in rng.integers([1, 1], [51, 11], (200, 2)).tolist()]
    spikes = sorted([*spikes, (1, 4), (50, 10), (50, 10)])
    now = 0
    while now < 50:
        until = min(now + round(block * 10), 50)
        give(nest, sources, [spike for spike in spikes if now < spike[0] <= until])
        nest.Simulate((until - now) / 10)
        now = until
    assert events(recorder) == spikes


def test_what_is_still_to_come_can_be_read():
    nest = fresh_kernel()
    sources = nest.Create(SOURCE, 2)
    first, second = sources.global_id
    sources[0].set(steps=[3, 7, 7], senders=[first, second, first])
    sources[1].set(steps=[7, 12], senders=[first, first])
    nest.Simulate(0.5)
    for source in sources:
        assert source.steps.tolist() == [7, 7, 7, 12]
        assert source.senders.tolist() == [second, first, first, first]
    nest.Simulate(1.0)
    assert len(sources[0].steps) == 0


@pytest.mark.parametrize("values", [
    {"steps": [8]}, {"senders": [1]}, {"steps": [8, 9], "senders": [1]},  # not together
    {"steps": [9, 8], "senders": [1, 1]},                                 # not in order
    {"steps": [5], "senders": [1]}, {"steps": [-3], "senders": [1]},      # past
    {"steps": [8], "senders": [3]}, {"steps": [8], "senders": [99]}, {"steps": [8], "senders": [-1]},
    {"steps": [8.5], "senders": [1]},
])  # fmt: skip
def test_impossible_spikes_are_refused_and_change_nothing(values):
    nest = fresh_kernel()
    sources = nest.Create(SOURCE, 2)
    other = nest.Create("spike_recorder")
    assert [*sources.global_id, other.global_id] == [1, 2, 3]
    nest.Simulate(0.5)
    with pytest.raises(nest.NESTErrors.KernelException):
        sources[0].set(values)
    assert len(sources[0].steps) == 0
    sources[0].set(steps=[7], senders=[2])
    with pytest.raises(nest.NESTErrors.BadProperty, match="not before those already set"):
        sources[0].set(steps=[6], senders=[1])
    assert sources[0].steps.tolist() == [7]


def test_a_step_that_is_over_is_refused_also_when_all_spikes_before_it_were_played():
    nest = fresh_kernel()
    source = nest.Create(SOURCE)
    source.set(steps=[3], senders=[source.global_id])
    nest.Simulate(2.0)
    with pytest.raises(nest.NESTErrors.BadProperty, match="in the future"):
        source.set(steps=[20], senders=[source.global_id])
    source.set(steps=[21], senders=[source.global_id])


def test_defaults_have_no_spikes():
    nest = fresh_kernel()
    with pytest.raises(nest.NESTErrors.BadProperty, match="not to the model's defaults"):
        nest.SetDefaults(SOURCE, {"steps": [1], "senders": [1]})


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("simulated", [False, True])
def test_spikes_do_not_outlive_their_kernel(threads, simulated):
    for _ in range(2):
        nest = fresh_kernel(threads)
        sources = nest.Create(SOURCE, 4)
        recorder = recorded(nest, sources)
        if simulated:
            nest.Simulate(0.5)
        assert len(sources[0].steps) == 0
        give(nest, sources, [(9, sources[1].global_id), (10, sources[2].global_id)])
    nest.Simulate(2.0)
    assert events(recorder) == [(9, sources[1].global_id), (10, sources[2].global_id)]
