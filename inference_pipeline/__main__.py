"""`python -m inference_pipeline` runs this pipeline alone."""

from inference_pipeline.cli import program
from segue.console import run

run(program)
