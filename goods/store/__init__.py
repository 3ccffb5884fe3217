"""The Mini Store: what goods are to it beyond their models."""
