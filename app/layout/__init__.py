"""What all pages have in common: frame, theme, and the parts that more than one shows."""
