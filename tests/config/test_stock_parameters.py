"""Our neurons in NEST's words, and back."""

import pytest

from eiassembly.config.nest_names import from_stock_model, stock_model
from eiassembly.config.parameters import EXCITATORY, INHIBITORY, SIMPLE


def test_by_hand():
    model, parameters = stock_model(EXCITATORY)
    assert model == "aeif_cond_exp"
    assert parameters == {
        "C_m": 85.0 * 1.35, "g_L": 1.35, "E_L": -60.0, "V_reset": -60.0, "V_m": -60.0, "V_th": -38.0,
        "V_peak": -38.0, "t_ref": 8.0, "E_ex": 0.0, "E_in": -70.0, "tau_syn_ex": 30.0, "tau_syn_in": 10.0,
        "a": 1.0, "b": 10.0, "tau_w": 40.0, "Delta_T": 0.0,
    }  # fmt: skip
    assert stock_model(INHIBITORY)[0] == "iaf_cond_exp"
    assert "a" not in stock_model(INHIBITORY)[1]


@pytest.mark.parametrize("neuron", [EXCITATORY, INHIBITORY, SIMPLE])
def test_there_and_back(neuron):
    assert from_stock_model(*stock_model(neuron)).model_dump() == pytest.approx(neuron.model_dump())


@pytest.mark.parametrize(("change", "message"), [
    ({"C_m": None}, "C_m: expected this parameter of aeif_cond_exp, found none"),
    ({"tau_w": None}, "tau_w: expected this parameter"),
    ({"V_reset": -70.0}, "V_reset: expected E_L = -60, found -70"),
    ({"Delta_T": 2.0}, "Delta_T: expected 0, found 2.0"),
    ({"Delta_T": None}, "Delta_T: expected 0, found nothing"),
    ({"V_th": 10.0}, "expected E_rest < V_th < E_exc"),
])  # fmt: skip
def test_what_is_no_neuron_of_ours(change, message):
    model, parameters = stock_model(EXCITATORY)
    changed = {name: value for name, value in (parameters | change).items() if value is not None}
    with pytest.raises(ValueError, match=message):
        from_stock_model(model, changed)


def test_another_model():
    with pytest.raises(ValueError, match="model: expected aeif_cond_exp or iaf_cond_exp, found izhikevich"):
        from_stock_model("izhikevich", {})
