"""Wirings in the format SONATA, written and read."""
