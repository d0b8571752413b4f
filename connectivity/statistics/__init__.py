"""What a wiring is like: degrees, densities, overlaps, spectra."""
