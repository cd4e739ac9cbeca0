"""A stateful simulator of Severa's REST API."""

from .errors import SeveraError
from .model import Activity, ActivityType, Author, Company, Guest, Mail, Participant, Reference, User
from .options import Options, tidied
from .people import People
from .simulator import SeveraSimulator

__all__ = [
    "Activity",
    "ActivityType",
    "Author",
    "Company",
    "Guest",
    "Mail",
    "Options",
    "Participant",
    "People",
    "Reference",
    "SeveraError",
    "SeveraSimulator",
    "User",
    "tidied",
]
