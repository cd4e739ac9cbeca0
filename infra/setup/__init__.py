"""What makes a machine ready for development, and what keeps the tree in order."""
