"""Severa's REST API: `gateway.SeveraGateway` is a company's Severa (port `SeveraCompany`)."""
