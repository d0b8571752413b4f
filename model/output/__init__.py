"""RUN.h5 as a simulation writes it, and where it comes from."""
