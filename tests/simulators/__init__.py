"""Stateful stand-ins for the remote services: real HTTP servers, and usable in-process."""
