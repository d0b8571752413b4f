"""How fast and how large: measurements of this package against others, and the pages made from them."""
