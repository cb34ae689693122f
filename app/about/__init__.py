"""Plain pages that say how Segue does, and what it does with people's data."""
