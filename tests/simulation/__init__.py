"""The whole engine in one process on virtual time, and what must hold after anything that can happen to it."""
