"""Arrays in, numbers out: what is measured of a run."""
