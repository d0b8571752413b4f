"""Memories in the wiring: who is a member, what is rewired, added and forgotten."""
