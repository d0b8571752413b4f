"""Protocols of the paper: which runs belong to them, and the numbers that they give."""
