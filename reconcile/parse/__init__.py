"""Text to value, one cell at a time: no pandas, no files, no clock."""
