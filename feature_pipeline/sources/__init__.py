"""The datasets that Segue reads, one small module each."""
