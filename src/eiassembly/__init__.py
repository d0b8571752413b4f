"""Excitatory/inhibitory assemblies in precisely balanced spiking networks."""

__version__ = "0.1.0"
