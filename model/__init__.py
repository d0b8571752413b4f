"""Networks of neurons and their simulation in NEST.

Only ``simulation`` and ``lyapunov`` import nest; everything else here runs without it.
"""
