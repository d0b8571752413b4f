"""``python -m eiassembly``: the command line under launchers that start Python themselves."""

from eiassembly.cli import main

main()
