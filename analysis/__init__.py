"""From the HDF5 file of a run to numbers, figures and a report; never sees the simulator."""
