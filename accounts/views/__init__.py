"""The account holder's own pages: profile, persons, agreements."""
