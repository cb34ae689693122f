"""What stands between `${{` and `}}` in a workflow, worked out as GitHub does, as far as our workflows need it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(==|!=|&&|\|\||[!(),])|([A-Za-z_][\w.-]*))")
OPERATORS = {"&&": " and ", "||": " or ", "!": " not "}
STATUS_CHECKS = ("success(", "failure(", "cancelled(", "always(")


def interpolate(text: object, contexts: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> str:
    """Return a value of a workflow with its expressions worked out, as text."""
    return re.sub(
        r"\$\{\{(.*?)\}\}", lambda found: _text(evaluate(found[1], contexts, functions)), _text(text), flags=re.DOTALL
    )


def holds(condition: str, contexts: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> bool:
    """Return whether an `if:` lets a job or a step run; one that asks for no status asks for success."""
    expression = condition.strip().removeprefix("${{").removesuffix("}}")
    if not any(check in expression for check in STATUS_CHECKS):
        expression = f"success() && ({expression})"
    return bool(evaluate(expression, contexts, functions))


def evaluate(expression: str, contexts: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Any:
    """Return the value of an expression; a name that is not known is the empty text, as on GitHub."""
    known = {"fromJSON": json.loads, "contains": lambda within, one: one in within, **functions}
    named: dict[str, Any] = {}
    python, position = "", 0
    while position < len(expression.rstrip()):
        token = TOKEN.match(expression, position)
        assert token is not None, f"cannot be read: {expression[position:]}"
        position = token.end()
        text, operator, name = token.groups()
        if text is not None:
            python += repr(text[1:-1].replace("''", "'"))
        elif operator is not None:
            python += OPERATORS.get(operator, operator)
        elif name in known:
            python += name
        else:
            named[f"value{len(named)}"] = _look_up(name, contexts)
            python += f"value{len(named) - 1}"
    return eval(python, {"__builtins__": {}}, {**known, **named})  # noqa: S307 - our own workflows, in tests


def _look_up(name: str, contexts: Mapping[str, Any]) -> Any:
    value: Any = contexts
    for part in name.split("."):
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return value


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
