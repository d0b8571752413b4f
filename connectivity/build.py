"""From a configuration to a wiring, whole or slice by slice."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from eiassembly.config.config import Config
from eiassembly.config.network import NetworkConfig, structure_of
from eiassembly.config.parameters import PRESETS, Population, ProjectionParameters
from eiassembly.config.structures import projections_of
from eiassembly.connectivity.memories.rule import rule_from, rule_of
from eiassembly.connectivity.memories.store import last_rule, with_memories
from eiassembly.connectivity.out_degrees import equalize_out_degrees, published_spread
from eiassembly.connectivity.random_wiring import draw_inputs, n_inputs
from eiassembly.connectivity.statistics.enrichment import enrichment
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.core.communicator import Collectives, Serial
from eiassembly.core.random import Streams
from eiassembly.odors.draw import added_odors, learned_odors

_ALL = slice(None)


def build(
    config: Config,
    targets: Mapping[str, slice] = MappingProxyType({}),
    collectives: Collectives | None = None,
) -> Wiring:
    """Wire a network.

    Parameters
    ----------
    config : Config
        What to build; its odors decide who belongs to the assemblies.
    targets : mapping of str to slice
        For a population the targets whose inputs are built here; all of populations that are not named.
    collectives : Collectives, optional
        To those who build the other targets; none if all are built here.

    Returns
    -------
    Wiring
        The same numbers whoever builds which targets.
    """
    collectives = collectives or Serial()
    base = build_base(config.network, targets, collectives)
    return with_assemblies(base, config, collectives)


def populations_of(network: NetworkConfig) -> tuple[Population, ...]:
    """Return the populations of the preset at the configured scale."""
    preset = PRESETS[network.preset]
    return tuple(p.model_copy(update={"size": p.size * network.scale}) for p in preset.populations)


def n_contacts(network: NetworkConfig) -> int:
    """Return the contacts that are drawn; equalising outputs and storing memories changes about 1 %."""
    sizes = {population.name: population.size for population in populations_of(network)}
    return sum(
        n_inputs(p.probability, sizes[p.source] // network.scale) * sizes[p.target]
        for p in _overridden(projections_of(network.preset, network.structure), network)
    )


def build_base(
    network: NetworkConfig,
    targets: Mapping[str, slice] = MappingProxyType({}),
    collectives: Collectives | None = None,
) -> Wiring:
    """Wire the unstructured network: fixed in-degrees, then equalised out-degrees."""
    populations = populations_of(network)
    sizes = {population.name: population.size for population in populations}
    return Wiring(
        populations=populations,
        projections=tuple(
            _base_projection(
                parameters, network, sizes, targets.get(parameters.target, _ALL), collectives or Serial()
            )
            for parameters in _overridden(projections_of(network.preset, network.structure), network)
        ),
    )


def _overridden(
    projections: tuple[ProjectionParameters, ...], network: NetworkConfig
) -> list[ProjectionParameters]:
    changed = []
    for parameters in projections:
        tables = {"probability": network.probability, "strength": network.strength}
        update = {key: table[parameters.name] for key, table in tables.items() if parameters.name in table}
        changed.append(parameters.model_copy(update=update))
    return changed


def _base_projection(
    parameters: ProjectionParameters,
    network: NetworkConfig,
    sizes: Mapping[str, int],
    targets: slice,
    collectives: Collectives,
) -> Projection:
    n_sources, n_targets = sizes[parameters.source], sizes[parameters.target]
    ids = np.arange(n_targets)[targets]
    count = n_inputs(parameters.probability, n_sources // network.scale)
    sources = draw_inputs(Streams(network.seed, f"inputs {parameters.name}"), ids, n_sources, count)
    start, _, step = targets.indices(n_targets)
    projection = Projection(
        source=parameters.source,
        target=parameters.target,
        strength=parameters.strength,
        n_sources=n_sources,
        offsets=np.arange(len(ids) + 1) * count,
        sources=sources.ravel(),
        multiplicity=np.ones(sources.size, np.uint8),
        first_target=start,
        target_step=step,
    )
    if not parameters.equalised:
        return projection
    mean = parameters.probability * n_targets / network.scale
    spread = published_spread(parameters.source, parameters.target)
    return equalize_out_degrees(projection, n_targets, mean, spread, network.seed, collectives)


def with_assemblies(base: Wiring, config: Config, collectives: Collectives | None = None) -> Wiring:
    """Choose the members of the assemblies, rewire what the structure asks for, and scale inhibition."""
    network = config.network
    structure = structure_of(network)
    stored = _with_added(
        with_memories(base, learned_odors(config), rule_of(network), collectives), config, collectives
    )
    inhibition = stored.projection(*structure.scaled)
    return stored.replacing(
        [inhibition.with_strength(inhibition.strength * structure.chi)],
        description={
            **network.model_dump(include={"preset", "structure", "seed"}),
            "config": config.model_dump(),
            **stored.description,
            "enrichment": enrichment(base, stored, collectives or Serial()),
        },
    )


def _with_added(stored: Wiring, config: Config, collectives: Collectives | None) -> Wiring:
    """Store the odors that come later, as `network learn` does: by the rule of the last memory."""
    if not config.network.added:
        return stored
    last = last_rule(stored)
    rule = rule_of(config.network) if last is None else rule_from(last)
    return with_memories(stored, added_odors(config), rule, collectives)
