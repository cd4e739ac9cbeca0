"""Severa calendar sync: the vocabulary, the algorithm, the use cases and the adapters."""
