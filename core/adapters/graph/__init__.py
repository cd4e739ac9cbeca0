"""Microsoft 365 calendars through Microsoft Graph.

wire.py is pure (bytes in, model out), requests.py builds requests with msgraph-sdk, api.py sends them, calendar.py and
directory.py are the ports. Importing this package loads none of them: the SDK takes a quarter of a second.
"""
