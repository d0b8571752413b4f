"""Wiring of E/I assembly networks: pure NumPy, the same network whoever builds which slice of it."""
