"""Figures, one file each; ``all.py`` pairs experiments with theirs."""
