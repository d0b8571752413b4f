"""Networks in NEST and the loop that simulates them; only this package and ``lyapunov`` import nest."""
