"""One step in this process: ``python -m benchmarks.growth.step STEP SIZE`` prints what it took, as JSON.

The store, the model and whatever else there is of a size are in SEGUE_VAR.
"""

from __future__ import annotations

import json
import sys

from benchmarks.growth.measured import Measured
from segue.console import run


def main() -> None:
    """Do one step."""
    step, size = sys.argv[1:]
    measured = Measured()
    if step == "listeners":
        from benchmarks.growth.stored import store_and_serve

        store_and_serve(measured, size)
    else:
        from benchmarks.growth import catalogs

        getattr(catalogs, step)(measured, size)
    sys.stdout.write(json.dumps({"cpu": measured.cpu, "counts": measured.counts}))


if __name__ == "__main__":
    run(main)
