"""Our neurons in the words of NEST's conductance-based models, and back.

Of NEST's own models it is aeif_cond_exp without its exponential term, and iaf_cond_exp where there is no
adaptation: the same equations (Table 1), solved by another scheme. The exact neuron shares their names.
"""

from collections.abc import Mapping

from eiassembly.config.parameters import NeuronParameters

ADAPTING, PLAIN = "aeif_cond_exp", "iaf_cond_exp"

_MEMBRANE = {"g_L": "g_rest", "E_L": "E_rest", "V_th": "V_th", "t_ref": "t_ref"}
_SAME = _MEMBRANE | {
    "E_ex": "E_exc",
    "E_in": "E_inh",
    "tau_syn_ex": "tau_exc",
    "tau_syn_in": "tau_inh",
}
_OF_ADAPTATION = {"a": "a", "b": "b", "tau_w": "tau_a"}


def exact_parameters(neuron: NeuronParameters) -> dict[str, float]:
    """Return the parameters of the exact neuron (ms, nS, mV, pA), without those of its ports."""
    parameters = {
        theirs: float(getattr(neuron, ours)) for theirs, ours in (_MEMBRANE | _OF_ADAPTATION).items()
    }
    return parameters | {"tau_m": neuron.tau_m, "V_reset": neuron.E_rest, "V_m": neuron.E_rest}


def stock_model(neuron: NeuronParameters) -> tuple[str, dict[str, float]]:
    """Return the name of the NEST model and its parameters (pF, nS, mV, ms, pA)."""
    parameters = {theirs: float(getattr(neuron, ours)) for theirs, ours in _SAME.items()}
    parameters |= {"C_m": neuron.tau_m * neuron.g_rest, "V_reset": neuron.E_rest, "V_m": neuron.E_rest}
    if neuron.a == 0 and neuron.b == 0:
        return PLAIN, parameters
    parameters |= {theirs: float(getattr(neuron, ours)) for theirs, ours in _OF_ADAPTATION.items()}
    return ADAPTING, parameters | {"Delta_T": 0.0, "V_peak": neuron.V_th}


def from_stock_model(model: str, parameters: Mapping[str, float]) -> NeuronParameters:
    """Return the neuron that a NEST model with these parameters is.

    Parameters
    ----------
    model : str
        ``aeif_cond_exp`` or ``iaf_cond_exp``.
    parameters : mapping of str to float
        As NEST calls them; nothing is left to NEST's defaults.

    Raises
    ------
    ValueError
        Another model, a parameter is missing, or there is no neuron of ours with these.
    """
    if model not in (ADAPTING, PLAIN):
        raise ValueError(f"model: expected {ADAPTING} or {PLAIN}, found {model}")
    wanted = _SAME | (_OF_ADAPTATION if model == ADAPTING else {})
    for name in (*wanted, "C_m", "V_reset"):
        if name not in parameters:
            raise ValueError(f"{name}: expected this parameter of {model}, found none")
    if parameters["V_reset"] != parameters["E_L"]:
        raise ValueError(f"V_reset: expected E_L = {parameters['E_L']:g}, found {parameters['V_reset']:g}")
    if model == ADAPTING and parameters.get("Delta_T") != 0:
        raise ValueError(f"Delta_T: expected 0, found {parameters.get('Delta_T', 'nothing')}")
    ours = {name: float(parameters[theirs]) for theirs, name in wanted.items()}
    return NeuronParameters(tau_m=parameters["C_m"] / parameters["g_L"], **ours)
