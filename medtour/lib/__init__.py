"""Pure building blocks that know no app: money, clock, locks, states, ids, encryption, refusals."""
