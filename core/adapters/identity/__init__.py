"""Tokens for Microsoft 365. Importing this package loads neither MSAL nor azure-identity."""
