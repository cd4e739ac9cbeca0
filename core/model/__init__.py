"""The vocabulary of design.md section 2 as frozen dataclasses: standard library only, no clock, I/O or randomness."""
