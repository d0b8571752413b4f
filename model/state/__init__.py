"""The state of a simulation in files: snapshots, checkpoints, how far a run has come."""
