"""What an experiment does to neurons: a file for each kind of tables of a protocol, listed in `all`.

The module of the same name in `model.protocol` finds out what they mean for a network.
"""
