"""The patient's booking pages: choose, hold, answer, check, book, ask, wait, change."""
