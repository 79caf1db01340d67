"""Invented supply at real hospitals, labelled as such, and people to look around with.

Nothing here is a claim about a hospital: `load.load_demonstration` is the way in, it refuses where
settings.DEMONSTRATION is off, creates what is missing and changes nothing that is there.
"""
