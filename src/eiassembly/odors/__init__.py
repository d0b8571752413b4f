"""Stimuli: odors, their presentations, and the spike trains of mitral cells."""
