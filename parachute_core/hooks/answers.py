"""Why an answer of a plugin is not what its hook allows."""

import inspect
from contextlib import AbstractAsyncContextManager
from typing import Any


def wrong_answer(answer: object, expected: str) -> str:
    """The answer's type, never its content, beside what was expected."""
    return f"answered {type(answer).__qualname__} instead of {expected}"


def layer_fault(layer: Any) -> str | None:
    """Why `layer` cannot be called as `await layer(send, outgoing)`, or None when it can."""
    colour_of = layer if inspect.isroutine(layer) else getattr(layer, "__call__", None)  # noqa: B004 - an object's own colour is asked
    if not (inspect.iscoroutinefunction(layer) or inspect.iscoroutinefunction(colour_of)):
        return wrong_answer(layer, "None or an async layer (send, outgoing)")
    try:
        inspect.signature(layer).bind(None, None)
    except TypeError:
        return f"answered a layer with the arguments {inspect.signature(layer)} instead of (send, outgoing)"
    return None


def lifespan_fault(span: object) -> str | None:
    """Why `span` cannot be entered with `async with`, or None when it can."""
    return None if isinstance(span, AbstractAsyncContextManager) else wrong_answer(span, "None or an async context manager")
