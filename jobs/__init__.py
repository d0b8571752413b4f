"""Batch scripts and campaign files: the package carries them for ``eiassembly campaign submit``."""
