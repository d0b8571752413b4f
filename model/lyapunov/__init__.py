"""Growth of small differences between simulations that begin alike."""
