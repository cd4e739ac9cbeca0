"""What only a live tenant can settle, asked there (docs/runbook.md, "Facts that only a live tenant can settle")."""
