"""The papers of a booking and of what follows it, as plain values for the typesetter.

Nothing here reads the database beyond what it is given, and nothing is typeset here.
"""
