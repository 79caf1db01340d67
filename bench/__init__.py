"""Measures the real site against reference views and PostgreSQL itself, in one run."""
