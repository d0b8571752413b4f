"""Files as runs: spikes, windows, names, recordings of others."""
