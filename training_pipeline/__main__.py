"""`python -m training_pipeline` runs this pipeline alone."""

from segue.console import run
from training_pipeline.cli import program

run(program)
