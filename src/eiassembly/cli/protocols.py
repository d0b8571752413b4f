"""The command ``eiassembly protocols``: the experiments of the papers, and where an example of each is."""

from typing import NamedTuple

import click

from eiassembly.config.interventions.all import INTERVENTIONS

FOLDER = "docs/examples"


class ProtocolExample(NamedTuple):
    """An experiment: name of its example without .toml, and what is done."""

    example: str
    summary: str


_OF_ODORS = (
    ProtocolExample("odors_sequence", "baseline and odor in turn, learned and novel ones (Fig. 1, 2)"),
    ProtocolExample("odors_trials", "the same odors again and again, with new spikes of the mitral cells"),
    ProtocolExample("odors_morph", "one odor becomes another step by step, and back (Fig. 3)"),
    ProtocolExample("odors_subspace", "eight trajectories through an 11 x 11 square of mixtures (Fig. 4)"),
    ProtocolExample(
        "odors_correlated_subspace", "the same between odors that share half of their cells (Fig. 6)"
    ),
    ProtocolExample("odors_chain", "odors that share cells with their neighbours"),
)
_OF_INTERVENTIONS = (
    ProtocolExample(*example) for table in INTERVENTIONS.values() for example in table.EXAMPLES.items()
)
_OF_MEMORIES = (ProtocolExample("added_memories", "memories added between two presentations (Fig. 6)"),)
PROTOCOLS = (*_OF_ODORS, *_OF_INTERVENTIONS, *_OF_MEMORIES)


@click.command()
def protocols() -> None:
    """List the experiments of the papers, with an example of each that runs as it is.

    Example: eiassembly run docs/examples/partial_reactivation.toml --out results/partial
    """
    width = max(len(one.example) for one in PROTOCOLS)
    for one in PROTOCOLS:
        click.echo(f"{one.example:<{width}}  {one.summary}")
    click.echo(f"\n{FOLDER}/NAME.toml is an example of each; how to write others: docs/protocols.md")
