"""The algorithm: rejoin → reconcile → merge → project → plan → guard. Pure: no clock, no I/O, no randomness."""
