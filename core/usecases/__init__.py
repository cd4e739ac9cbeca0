"""The imperative shell: observe → decide → act, with a record after each effect."""
