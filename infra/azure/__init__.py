"""What the service runs on in Azure, as Bicep, and the checks of it that need no Azure (docs/azure.md)."""
