"""Runs and recordings as the objects of pandas, xarray, neo and pynapple."""
