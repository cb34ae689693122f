"""How long a person waits before anything happens."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.measure import Ratio, compare


def ratios() -> Iterator[Ratio]:
    """Compare with importing pandas, which most programs of this kind begin with."""

    def python(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    def pandas() -> None:
        python("-c", "import pandas")

    yield compare("segue --help", lambda: python("-m", "segue", "--help"), "import pandas", pandas, floor=0.6, goal=0.3)
    yield compare("import segue", lambda: python("-c", "import segue"), "import pandas", pandas, floor=0.6, goal=0.3)
