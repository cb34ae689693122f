"""`segue doctor`: whether everything is set up, and what to do where it is not. A file for each thing looked at."""
