"""Neurons whose output is blocked for a while: who and when, spike for spike, whatever the layout."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nest_kernel import NEURON, contact, fresh_kernel
from reference_integrator import simulate_reference
from run_comparison import differences
from simulations import poisson_odors, records_of, simulated, spikes_of
from three_populations import small_network

from eiassembly.analysis.measures.currents import conductance_traces
from eiassembly.analysis.runs.run import open_run
from eiassembly.config.interventions.silence import Silence
from eiassembly.config.protocol_file import SilenceFile, load_protocol
from eiassembly.connectivity.assembly import Assembly
from eiassembly.core.errors import ConfigError
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.interventions import united
from eiassembly.model.protocol.silence import effects
from eiassembly.odors.odors import Presentation

N_STEPS = 2000
WIRING = small_network(3)
PRESENTATIONS = (Presentation(1000.0, 3000.0, 0, "learned"), Presentation(4000.0, 6000.0, 7, "novel"))


def silent_neurons(silences, wiring, shown):
    setting = Context(wiring, shown, N_STEPS, N_STEPS, 0.1, "net.h5")
    return united(effects(silences, setting).silent)


def resolved(*silences, wiring=WIRING):
    return silent_neurons([Silence.model_validate(s) for s in silences], wiring, PRESENTATIONS)


def windows_of(**times):
    (group,) = resolved({"population": "FBI", "ids": [0], **times})
    return group.windows.tolist()


def test_windows_are_united_and_ordered():
    given = [[50.0, 60.0], [10.0, 20.0], [20.0, 30.0], [12.0, 15.0], [55.0, 70.5]]
    assert windows_of(windows=given) == [[100, 300], [500, 705]]


def test_windows_around_odors():
    assert windows_of(around=[-500.0, 0.0]) == [[5000, 30000], [35000, 60000]]
    assert windows_of(around=[-500.0, 0.0], odors=[7]) == [[35000, 60000]]
    assert windows_of(around=[-2500.0, 0.0]) == [[0, 60000]]


def test_spikes_in_a_window_are_those_that_end_in_it():
    (group,) = resolved({"population": "FBI", "ids": [2, 5], "windows": [[10.0, 20.0], [30.0, 31.0]]})
    steps = np.array([100, 101, 200, 201, 310, 310, 311])
    ids = np.array([2, 5, 2, 2, 2, 3, 2])
    assert group.silences(steps, ids).tolist() == [False, True, True, False, True, False, False]


def test_windows_of_a_neuron_add_up():
    first = {"population": "FBI", "ids": [0, 1, 2], "windows": [[0.0, 10.0]]}
    second = {"population": "FBI", "ids": [1, 2], "windows": [[5.0, 20.0]]}
    third = {"population": "E", "ids": [4], "windows": [[5.0, 20.0]]}
    groups = {
        (g.population, tuple(g.ids.tolist())): g.windows.tolist() for g in resolved(first, second, third)
    }
    assert groups == {
        ("FBI", (0,)): [[0, 100]],
        ("FBI", (1, 2)): [[0, 200]],
        ("E", (4,)): [[50, 200]],
    }


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9))))))
def test_a_spike_is_silenced_if_any_table_says_so(tables):
    """Tables of one neuron each, windows of whole steps: (first, length)."""
    silences = [
        {"population": "FBI", "ids": [cell], "windows": [[f / 10, (f + n) / 10] for f, n in windows]}
        for cell, windows in tables
    ]
    steps, ids = (axis.ravel() for axis in np.meshgrid(np.arange(1, 45), np.arange(5)))
    wanted = [
        any(c == cell and any(f < step <= f + n for f, n in windows) for c, windows in tables)
        for step, cell in zip(steps, ids, strict=True)
    ]
    groups = resolved(*silences)
    found = np.sum([group.silences(steps, ids) for group in groups], axis=0) if groups else np.zeros(len(ids))
    np.testing.assert_array_equal(found, wanted)  # the same neuron in two groups would count twice
    for group in groups:
        assert (np.diff(group.windows.ravel()) > 0).all()


def test_a_number_drawn_is_part_of_a_larger_one_and_belongs_to_its_seed():
    def drawn(**choice):
        (group,) = resolved({"population": "FBI", "windows": [[0.0, 1.0]], **choice})
        return set(group.ids.tolist())

    size = WIRING.population("FBI").size
    assert len(drawn(number=5)) == 5
    assert drawn(number=5) < drawn(number=9)
    assert drawn(number=5, seed=2) != drawn(number=5)
    assert drawn(fraction=1.0) == set(range(size))
    assert len(drawn(fraction=0.5)) == round(size / 2)


def test_the_members_of_an_assembly():
    wiring = WIRING.replacing((), assemblies=(Assembly(7, {"E": np.arange(3), "FBI": np.array([1, 4])}),))
    (group,) = resolved({"population": "FBI", "assembly": 7, "windows": [[0.0, 1.0]]}, wiring=wiring)
    assert group.ids.tolist() == [1, 4]


@pytest.mark.parametrize(("changes", "message"), [
    ({"population": "X"}, "net.h5: silence.0.population: expected one of E, FBI, FFI, found X"),
    ({"population": "OB"}, "net.h5: silence.0.population: expected one of E, FBI, FFI, found OB"),
    ({"ids": [3, 20]}, "silence.0.ids: expected at most 19 in FBI, found 20"),
    ({"ids": None, "number": 21}, "silence.0.number: expected at most 20 of FBI, found 21"),
    ({"ids": None, "assembly": 3}, "silence.0.assembly: expected an odor with an assembly, found 3"),
    ({"windows": [[0.0, 0.25]]}, "silence.0.windows: expected a multiple of 0.1 ms, found 0.25 ms"),
    ({"windows": None, "around": [0.03, 0.0]}, "silence.0.around: expected a multiple of 0.1 ms"),
])  # fmt: skip
def test_what_does_not_fit_is_named(changes, message):
    with pytest.raises(ConfigError, match=message):
        resolved({"population": "FBI", "ids": [1], "windows": [[0.0, 1.0]], **changes})


@pytest.mark.parametrize(("text", "message"), [
    ("", "silence: expected this key, found none"),
    ("[[silence]]\nids = [1]\nwindows = []", "silence.0.population: expected this key, found none"),
    ("[[silence]]\npopulation = 'I'\nids = [1]",
     "silence.0.windows or around: expected one of these, found none of them"),
    ("[[silence]]\npopulation = 'I'\nids = [1]\nnumber = 2\nwindows = []",
     "silence.0.ids or number or fraction or assembly: expected one of these, found ids and number"),
    ("[[silence]]\npopulation = 'I'\nids = [1]\nwindows = [[2, 1]]",
     "silence.0.windows: expected 0 <= start < stop, found [2, 1]"),
    ("[[silence]]\npopulation = 'I'\nids = [1]\nwindows = [[1, 2]]\nodors = [1]",
     "silence.0.odors: expected only together with around"),
    ("[[silence]]\npopulation = 'I'\nids = ['1']\nwindows = [[1, 2]]",
     "silence.0.ids.0: expected a valid integer, found '1'"),
    ("[[silence]]\npopulation = 'I'\nnumber = 2\nwindow = [[1, 2]]",
     "silence.0.window: unknown key; did you mean windows?"),
    ("[[silens]]\nids = [1]", "silens: unknown key; did you mean silence?"),
])  # fmt: skip
def test_mistakes_in_the_file_are_one_line(tmp_path, text, message):
    path = tmp_path / "silence.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_protocol(path, SilenceFile)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


SILENCES = (
    Silence(population="FBI", ids=tuple(range(0, 20, 2)), windows=((40.0, 120.0), (150.0, 160.0))),
    Silence(population="FBI", ids=(1, 2, 3), windows=((100.0, 130.0),)),
    Silence(population="FFI", fraction=0.5, seed=3, windows=((20.0, 90.3),)),
    Silence(population="E", number=7, windows=((60.0, 61.0), (80.0, 200.0))),
)
"""Some neurons in two groups, windows that begin and end amid blocks."""


@pytest.fixture(scope="module")
def odors():
    return poisson_odors(5, N_STEPS, rate=60.0)


def reference(odors, delay_steps, **options):
    groups = silent_neurons(SILENCES, WIRING, odors.presentations)
    silenced = {}
    for g in groups:
        silenced.setdefault(g.population, []).extend((g.ids, *window) for window in g.windows.tolist())
    return simulate_reference(
        WIRING, odors.steps, odors.ids, N_STEPS, delay_steps, silenced=silenced, **options
    )


@pytest.mark.parametrize("delay_steps", [1, 7])
@pytest.mark.nest
def test_every_spike_is_that_of_weights_of_0(delay_steps, odors, tmp_path):
    """With any number of threads and any blocks; more of them: test_interventions.py. All recorded stays."""
    want = reference(odors, delay_steps).spikes
    plain = simulate_reference(WIRING, odors.steps, odors.ids, N_STEPS, delay_steps).spikes
    assert not np.array_equal(plain["E"][0], want["E"][0])
    for group in silent_neurons(SILENCES, WIRING, odors.presentations):
        assert group.silences(*want[group.population]).any()  # they fire, and are recorded
    for threads, block in ((1, 1000.0), (2, 30.0), (3, 7.7)):
        run = simulated(tmp_path, WIRING, odors, threads, block, delay=delay_steps / 10, silence=SILENCES)
        got = spikes_of(run)
        assert got.keys() == want.keys()
        for name, train in want.items():
            np.testing.assert_array_equal(got[name], train, err_msg=name)


@pytest.mark.nest
def test_feedforward_neurons_do_not_notice_what_feedback_neurons_say(odors, tmp_path):
    """FFI receive from OB and FFI only: their trains are the same to the last spike."""
    all_of_them = Silence(population="FBI", fraction=1.0, windows=((0.0, 200.0),))
    plain, silent = (
        spikes_of(simulated(tmp_path, WIRING, odors, silence=silence)) for silence in ((), (all_of_them,))
    )
    np.testing.assert_array_equal(plain["FFI"], silent["FFI"])
    assert len(plain["FFI"][0]) > 100
    assert len(silent["E"][0]) > len(plain["E"][0])


@pytest.mark.nest
def test_runs_are_the_same_file_whatever_the_blocks(odors, tmp_path):
    (one := tmp_path / "one").mkdir()
    (other := tmp_path / "other").mkdir()
    options = {"silence": SILENCES, "record": ("V_m", "g_FBI"), "every": 0.5}
    runs = (
        simulated(one, WIRING, odors, 1, 1000.0, **options),
        simulated(other, WIRING, odors, 2, 12.3, **options),
    )
    assert differences(*runs) == []


@pytest.mark.nest
def test_conductances_are_reconstructed_without_what_was_not_sent(odors, tmp_path):
    """A recorded conductance is the one that acted in the step: that of the end of the step before."""
    path = simulated(tmp_path, WIRING, odors, silence=SILENCES, record=("g_FBI", "g_FFI", "g_E"), every=0.1)
    run = open_run(path)
    assert len(run.transmitted["FBI"].between(0, run.n_steps)[0]) < len(run.spikes["FBI"].steps)
    for sent, fired in zip(
        run.transmitted["OB"].between(0, run.n_steps), run.spikes["OB"].between(0, run.n_steps), strict=True
    ):
        np.testing.assert_array_equal(sent, fired)
    steps, recorded = records_of(path, "E")
    for cell in (0, 5):
        traces = conductance_traces(run, "E", steps, cell)
        for source in ("FBI", "FFI", "E"):
            found = traces[source][:-1]
            assert found.max() > 0
            np.testing.assert_allclose(found, recorded[f"g_{source}"][1:, cell], rtol=1e-9, atol=1e-12)


@pytest.mark.nest
def test_a_run_that_does_not_fit_the_network_does_not_begin(odors, tmp_path):
    elsewhere = Silence(population="I", number=3, windows=((0.0, 1.0),))
    with pytest.raises(ConfigError, match=r"net\.h5: silence\.0\.population: expected one of E, FBI, FFI"):
        simulated(tmp_path, WIRING, odors, silence=(elsewhere,))
    assert not list(tmp_path.glob("run*"))


@pytest.mark.nest
def test_the_stock_neurons_refuse(odors, tmp_path):
    with pytest.raises(ConfigError, match="silence: expected the exact neuron"):
        simulated(tmp_path, WIRING, odors, silence=SILENCES, neuron="nest")
    assert not list(tmp_path.glob("run*"))


class TestTheNeuron:
    """The NEST model, driven directly."""

    def pair(self, **silence):
        """Steps of the spikes of a neuron, and whether a second one was reached."""
        nest = fresh_kernel()
        sender, receiver = nest.Create(NEURON, params={"I_e": 60.0}), nest.Create(NEURON)
        if silence:
            sender.set(**silence)
        nest.Connect(sender, receiver, syn_spec=contact(1))
        recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
        nest.Connect(sender, recorder)
        nest.Simulate(600.0)
        return recorder.events["times"].tolist(), receiver.get("g")[0]

    @pytest.mark.nest
    def test_spikes_inside_a_window_are_not_sent_but_act_on_the_neuron(self):
        heard, reached = self.pair()
        assert len(heard) > 3
        assert reached > 0
        first, second = heard[0], heard[1]
        rest, _ = self.pair(silent_from=[first - 1, second], silent_until=[first, second + 1])
        assert rest == heard[1:]
        none, reached = self.pair(silent_from=[0], silent_until=[6000])
        assert none == []
        assert reached == 0

    @pytest.mark.nest
    def test_windows_are_read_back_and_can_be_taken_away(self):
        nest = fresh_kernel()
        neurons = nest.Create(NEURON, 3)
        assert list(neurons[0].get("silent_from")) == []
        neurons.set(silent_from=[1, 10, 20], silent_until=[5, 12, 21])
        assert list(neurons[2].get("silent_until")) == [5, 12, 21]
        never = np.empty(0, np.int64)
        neurons[:2].set(silent_from=never, silent_until=never)
        assert [len(neurons[k].get("silent_from")) for k in range(3)] == [0, 0, 3]

    @pytest.mark.parametrize("silence", [
        {"silent_from": [1]},
        {"silent_from": [1], "silent_until": [2, 3]},
        {"silent_from": [2], "silent_until": [2]},
        {"silent_from": [5, 1], "silent_until": [6, 2]},
        {"silent_from": [1, 4], "silent_until": [5, 6]},
    ])  # fmt: skip
    @pytest.mark.nest
    def test_what_is_refused_changes_nothing(self, silence):
        nest = fresh_kernel()
        neuron = nest.Create(NEURON)
        neuron.set(silent_from=[3], silent_until=[4])
        with pytest.raises(nest.NESTError):
            neuron.set(**silence)
        assert list(neuron.get("silent_from")) == [3]
