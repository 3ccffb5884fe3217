"""Products of the Mini Store and their SKUs: two tables, which come in one upload or each by itself."""
