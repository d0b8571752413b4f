"""What the network is, and running it in NEST.

Only ``cells``, ``network`` and ``simulation`` import nest; everything else here runs without it.
"""
