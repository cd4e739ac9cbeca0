"""The deployment package: from a checkout to the zip that Azure Functions takes (docs/packaging.md)."""
