"""What every HTTP call has in common: who calls, bounds, problem documents, headers. Light to import."""
