"""Pictures of taste: inline SVG with the same said in words beside it, for light and dark pages of any width."""
