"""Measures of a subspace of odors: geometry and classification."""
