"""`python -m app` serves the app."""

from app.cli import program
from segue.console import run

run(program)
