"""Minimal views of the kinds the goals are measured against."""
