"""Measures of activity over time: variability, chaos, stability."""
