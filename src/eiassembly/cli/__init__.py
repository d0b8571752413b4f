"""Command line: one thin module per group of commands; nothing is computed here."""

from eiassembly.cli.application import main

__all__ = ["main"]
