"""The exact neuron and its synapse in C++, and their compilation."""
