"""The ports in memory: for tests, for the simulation, and as the plainest statement of what they promise."""
