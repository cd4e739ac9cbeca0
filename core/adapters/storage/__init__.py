"""State in Azure Table Storage and Azure Queue Storage (design.md section 6). Importing this loads nothing of Azure."""
