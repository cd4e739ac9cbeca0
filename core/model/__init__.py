"""The vocabulary of design.md section 2 as frozen dataclasses. Standard library only; no clock, no I/O, no randomness."""
