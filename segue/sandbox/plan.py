"""Plans of faults: read from a file, or made up by a test, and followed call by call."""

from __future__ import annotations

import random
import sys
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from segue.errors import InputError
from segue.sandbox.calls import KEPT_CALLS, Call
from segue.sandbox.faults import AnyRule
from segue.sandbox.rules import Rule

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class Plan(BaseModel):
    """What goes wrong, and the seed of what is left to chance."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 0
    rules: list[AnyRule] = Field(default_factory=list)


def load_plan(path: Path) -> Plan:
    """Read a plan from a TOML file.

    Raises
    ------
    InputError
        If the file cannot be read or holds something else; the message names the rule, counted from 1.
    """
    try:
        return Plan.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from None
    except ValidationError as error:
        raise InputError(_first(error), file=path) from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise InputError(f"is no TOML: {error}", file=path) from None


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = list(first["loc"])
    if place[0] == "rules" and len(place) > 1:
        # rules, the number of the rule, the name of the fault, the field
        place[:3] = [f"rule {int(place[1]) + 1}"]
    return ": ".join([*map(str, place), first["msg"].removeprefix("Value error, ")])


@dataclass
class _Watch:
    """A rule, and what it has seen."""

    rule: Rule
    seed: str
    seen: int = 0
    applied: int = 0
    chances: dict[str | None, random.Random] = field(default_factory=dict)

    def is_due(self, call: Call) -> bool:
        """Count a call that fits, and return whether the fault should happen to it."""
        if not self.rule.fits(call):
            return False
        self.seen += 1
        if self.rule.times is not None and self.applied >= self.rule.times:
            return False
        if self.rule.nth is not None:
            return self.seen == self.rule.nth
        if self.rule.every is not None:
            return self.seen % self.rule.every == 0
        return self.rule.probability is None or self._draw(call.user_id) < self.rule.probability

    def _draw(self, user_id: str | None) -> float:
        # A sequence for each person: what happens to them does not depend on what others do meanwhile.
        seed = f"{self.seed} {user_id}"
        chance = self.chances.setdefault(user_id, random.Random(seed))  # noqa: S311 - repeatable is what it must be
        return chance.random()


class Faults:
    """The plan that a sandbox follows; it can be changed while the sandbox is running.

    Each rule counts the calls that fit it; where several are due, the first one happens.

    Attributes
    ----------
    applied : deque of (Rule, Call)
        Which fault happened to which call, the oldest first.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._seed = 0
        self._watches: list[_Watch] = []
        self.applied: deque[tuple[Rule, Call]] = deque(maxlen=KEPT_CALLS)

    def follow(self, plan: Plan) -> None:
        """Follow `plan` from its beginning, and no other."""
        with self._lock:
            self._seed, self._watches = plan.seed, []
            self._watch(plan.rules)

    def add(self, *rules: Rule) -> None:
        """Follow these rules, too."""
        with self._lock:
            self._watch(rules)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self.follow(Plan())

    def due(self, call: Call) -> Rule | None:
        """Return what goes wrong with this call, which counts."""
        with self._lock:
            due = [watch for watch in self._watches if watch.is_due(call)]
            if not due:
                return None
            due[0].applied += 1
            self.applied.append((due[0].rule, call))
            return due[0].rule

    def _watch(self, rules: Iterable[Rule]) -> None:
        for rule in rules:
            self._watches.append(_Watch(rule, f"{self._seed} {len(self._watches)}"))
