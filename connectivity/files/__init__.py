"""Wirings as files: our own HDF5, the authors' matrices, SONATA."""
