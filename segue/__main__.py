"""`python -m segue` is the console program `segue`."""

from segue.cli import main

main()
