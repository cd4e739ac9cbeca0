"""Why the local host refuses to start. Each message is written for the person at the terminal."""


class HostError(Exception):
    """The host cannot run this app here: a port in use, storage that does not answer, a setting that is missing."""


class IndexingError(HostError):
    """Azure's host or Python worker would refuse the app, or it uses what the local host does not serve."""


class HostJsonError(HostError):
    """`host.json` is missing, is not JSON, or holds a value that Azure's host would refuse."""


class ScheduleError(HostError):
    """A timer's schedule is not a six-field NCRONTAB expression, or names a moment that never comes."""
