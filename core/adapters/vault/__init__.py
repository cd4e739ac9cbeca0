"""Companies' secrets in Azure Key Vault. Tried against a simulator through Microsoft's SDKs, not yet against Azure."""
