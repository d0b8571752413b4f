"""Configurations: parameters and structures of the paper, and the TOML that asks for others."""
