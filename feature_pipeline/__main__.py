"""`python -m feature_pipeline` runs this pipeline alone."""

from feature_pipeline.cli import program
from segue.console import run

run(program)
