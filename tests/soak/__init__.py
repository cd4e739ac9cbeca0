"""The soak: the real app in the local host, killed and started again, while people edit both their calendars."""
