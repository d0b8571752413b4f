"""All that was measured, as tables, pages and files."""
