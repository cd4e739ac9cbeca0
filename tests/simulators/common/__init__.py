"""What the simulators share: faults, the request log, the server and the in-process transport."""
