"""Fills a measured database; every step is fast because it is bulk and constraints come last."""
