"""What an operator does to a company or a pair (docs/runbook.md, "Commands")."""
