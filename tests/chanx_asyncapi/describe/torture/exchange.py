"""The smallest consumer around a shape of data: it receives the shape, and sends it back."""

from collections.abc import Callable
from types import new_class
from typing import Any, Literal

from pydantic import create_model

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.registry import Registry, use_registry


def message(module: str, name: str, payload: Any, *, action: str | None = None, doc: str | None = None) -> Any:
    """A message class as ``module`` would define it; by default its action is its name, and its docstring too."""
    action = name if action is None else action
    made: Any = create_model(
        name,
        __base__=BaseMessage,
        __module__=module,
        __doc__=doc or f"{name}.",
        action=(_literal(action), action),
        payload=(payload, ...),
    )
    return made


def _literal(value: str) -> Any:
    """A Literal of a value that is known at run time alone."""
    literal: Any = Literal
    return literal[value]


def consumer(
    module: str,
    name: str,
    received: Any,
    sent: Any,
    *,
    doc: str | None = None,
    handler_doc: str | None = None,
    **attributes: Any,
) -> Any:
    """A consumer class as ``module`` would define it, with one handler; ``attributes`` are those of the class."""

    async def answer(self: Any, message: Any) -> Any: ...

    answer.__annotations__ = {"message": received, "return": sent}
    answer.__doc__ = handler_doc

    def fill(namespace: dict[str, Any]) -> None:
        namespace |= {"__module__": module, "__doc__": doc, "answer": handler(answer), **attributes}

    base: Any = AsyncJsonWebsocketConsumer
    with use_registry(Registry()):
        return new_class(name, (base[received],), exec_body=fill)


def exchanges(module: str) -> "tuple[list[Any], Callable[..., None]]":
    """The consumers of a module, empty at first, and a function that adds one for a name and a shape."""
    consumers: list[Any] = []

    def exchange(name: str, payload: Any, *, received: bool = True, sent: bool = True) -> None:
        """``received=False`` is for what the runtime takes from Python alone, whatever its schema says."""
        asks = message(module, name, payload if received else None)
        answers = message(module, f"{name}Back", payload if sent else None)
        consumers.append(consumer(module, f"{name}Exchange", asks, answers))

    return consumers, exchange
