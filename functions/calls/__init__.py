"""The calls of the HTTP interface, with their pydantic models: loaded with the first call, never with the app."""
