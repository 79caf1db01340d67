"""Puts catalogue facts into the words and shapes that pages show."""
