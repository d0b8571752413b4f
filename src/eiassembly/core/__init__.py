"""What every part rests on: errors, files, processes, random numbers; no neuroscience."""
