"""The local stage: Azurite, the Functions host, the demonstration."""
