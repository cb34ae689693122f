"""`python -m segue` is the console program `segue`."""

from segue.start import main

main()
