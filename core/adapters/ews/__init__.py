"""Exchange Web Services of Exchange Server 2007 SP1 to SE, through exchangelib, which loads with the first use."""
