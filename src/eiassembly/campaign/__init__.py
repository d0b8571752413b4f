"""Campaigns: many runs of one plan, on a cluster or here; what is done is read from the files alone."""
