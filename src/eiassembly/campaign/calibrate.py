"""Networks with different values of one parameter, built, simulated and measured side by side."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from eiassembly.analysis.experiments.result import analyse_run
from eiassembly.analysis.measures.calibration import SYMBOLS, CalibrationPoint
from eiassembly.analysis.runs.run import open_run
from eiassembly.campaign.batch import Batch
from eiassembly.config.config import Config, parse_config

_LEARNED = "learned"


@dataclass
class Search:
    """Networks with different values of one parameter, measured as they are asked for.

    Parameters
    ----------
    parameter : str
        One of ``SYMBOLS``.
    config : Config
        Everything else; the odors that are presented are the learned ones.
    seeds : sequence of int
        One network each per value.
    reference : dict of int to float
        Rate of rand by seed, Hz.
    """

    parameter: str
    config: Config
    seeds: Sequence[int]
    reference: dict[int, float] = field(default_factory=dict)

    def measured(self, values: Sequence[float]) -> list[CalibrationPoint]:
        """Build, simulate and analyse networks with these values, side by side."""
        configs = {
            self._name(value, seed): self._with(value, seed) for value in values for seed in self.seeds
        }
        if not self.reference:
            configs |= {self._name(None, seed): self._with(None, seed) for seed in self.seeds}
        rates, achieved = _rates(configs, self.parameter)
        if not self.reference:
            self.reference = {seed: rates[self._name(None, seed)] for seed in self.seeds}
        return [
            CalibrationPoint(
                value,
                tuple(rates[self._name(value, seed)] for seed in self.seeds),
                tuple(self.reference[seed] for seed in self.seeds),
                float(np.mean([achieved.get(self._name(value, seed), value) for seed in self.seeds])),
            )
            for value in values
        ]

    def _name(self, value: float | None, seed: int) -> str:
        return f"{'rand' if value is None else f'{self.parameter} {value:g}'}, seed {seed}"

    def _with(self, value: float | None, seed: int) -> Config:
        """Return the configuration of one network; rand if there is no value."""
        table = self.config.model_dump(exclude_unset=True)
        network = {**table.get("network", {}), "seed": seed}
        if value is None:
            network = {key: kept for key, kept in network.items() if key not in (*SYMBOLS, "within")}
            network["structure"] = "rand"
        else:
            network[self.parameter] = value
        return parse_config({**table, "network": network}, f"{self.parameter} = {value}")


def _rates(configs: Mapping[str, Config], parameter: str) -> tuple[dict[str, float], dict[str, float]]:
    """Rate to learned odors [Hz] of every network, and what it has of the parameter where that is known."""
    rates, achieved = {}, {}
    with tempfile.TemporaryDirectory(prefix="eiassembly-") as name:
        batch = Batch(Path(name), configs)
        batch.make_folders()
        batch.draw_odors()
        for network in configs:
            batch.build(network)
        batch.simulate(in_detail=False)
        for network in configs:
            result = analyse_run(open_run(batch.run(network)))
            rates[network] = result.observables[_LEARNED].odor_rate
            known = result.run.wiring.description.get("enrichment", {})
            if parameter in known:
                achieved[network] = known[parameter]
    return rates, achieved
