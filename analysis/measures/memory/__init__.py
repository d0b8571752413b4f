"""Measures of stored memories: overlap, amplification, completion, capacity."""
