"""What is done to neurons during a run, resolved to steps and cells."""
