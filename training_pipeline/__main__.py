"""`python -m training_pipeline` runs this pipeline alone."""

from training_pipeline.cli import program
from segue.console import run

run(program)
