"""What a step takes, part by part."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Measured:
    """What a step took.

    Attributes
    ----------
    cpu : dict of str to float
        Seconds of the processor, by part.
    counts : dict of str to float
        How many, how large.
    """

    cpu: dict[str, float] = field(default_factory=dict)
    counts: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure what is done meanwhile, all threads together."""
        began = time.process_time()
        yield
        self.cpu[name] = self.cpu.get(name, 0.0) + time.process_time() - began
