"""Which network and odors a run is of, told from its file alone."""

from collections.abc import Mapping
from typing import Any

from eiassembly.analysis.runs.run import Run
from eiassembly.config.interventions.all import INTERVENTIONS
from eiassembly.config.network import NetworkConfig


def network_config(run: Run) -> Mapping[str, Any]:
    """Section ``[network]`` that the network was built from; empty where it is not one of ours."""
    return _section(run.wiring.description, "network")


def odors_config(run: Run) -> Mapping[str, Any]:
    """Section ``[odors]`` that the odors were drawn from; empty where they are not ours."""
    return _section(run.odors.description, "odors")


def _section(description: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section: Mapping[str, Any] = description.get("config", {}).get(name, {})
    return section


def network_name(run: Run) -> str:
    """Name a network without its structure; see `name_of`."""
    return name_of(run.wiring.description)


def name_of(description: Mapping[str, Any]) -> str:
    """Name a network: ``A seed 1``; also scale and odor seed where these are not 1.

    Networks that are not ours are told apart by their preset alone, if that is known.

    Parameters
    ----------
    description : mapping
        `Wiring.description`.
    """
    network = _section(description, "network")
    if not network:
        return str(description.get("preset", "imported"))
    more = {"scale": network["scale"], "odors": _section(description, "odors")["seed"]}
    parts = [network["preset"], f"seed {network['seed']}"]
    return " ".join(parts + [f"{name} {value}" for name, value in more.items() if value != 1])


def is_as_published(run: Run) -> bool:
    """Whether network and protocol are the paper's: nothing configured beside preset, structure and size.

    True of networks that are not ours, of which nothing is known.
    """
    network = network_config(run)
    if any(run.config["simulation"].get(name) for name in INTERVENTIONS):
        return False
    if not network:
        return True
    own = {key: network[key] for key in ("preset", "structure", "seed", "scale")}
    # Validated, as networks built before a key was there lack it.
    return NetworkConfig(**own) == NetworkConfig(**network)
