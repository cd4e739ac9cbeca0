"""Measurements: commands that leave their results as data in benchmarks/results/."""
