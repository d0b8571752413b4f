"""What the paper says, as conditions on samples."""
