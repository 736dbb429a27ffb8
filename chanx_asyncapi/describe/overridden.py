"""What ``@asyncapi``, and Python's ``@deprecated``, say about the parts of a service."""

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import getattr_static
from typing import Any

from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.registry import ConsumerSpec, HandlerSpec
from chanx_asyncapi.describe.names import class_path
from chanx_asyncapi.describe.spec_fields import present
from chanx_asyncapi.describe.tags import tags_of
from chanx_asyncapi.describe.texts import clean, docstring
from chanx_asyncapi.overrides import Override, has_override, override_of
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import ExternalDocumentation, Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class General:
    """What a consumer says of its channels, and of each of their operations that says nothing else."""

    tags: tuple[str, ...]
    deprecated: bool

    @classmethod
    def of(cls, consumer: type[Any]) -> "General":
        """What a consumer says."""
        return cls(tags=tags_of(consumer), deprecated=is_deprecated(consumer))


def method_of(spec: ConsumerSpec, handler: HandlerSpec | None) -> Any:
    """The method that a handler is; None where there is none."""
    return None if handler is None else getattr(spec.consumer, handler.name, None)


def description_of(message: type[Any]) -> str | None:
    """What a message is, in the words for clients, or else those of its docstring."""
    override = override_of(message)
    return clean(override.description) or docstring(message) or clean(override.summary)


def is_excluded(target: type[Any]) -> bool:
    """Whether no document shows a consumer, or a message."""
    return override_of(target).exclude is True


def is_deprecated(target: Any) -> bool:
    """Whether a class or method is, by ``@asyncapi`` or else by ``@deprecated``; the classes above it do not count."""
    given = override_of(target).deprecated
    if given is not None:
        return given
    return "__deprecated__" in getattr(target, "__dict__", {})


def fields_of(override: Override, tags: tuple[str, ...] | None) -> dict[str, Any]:
    """Fields that channels, operations and messages have alike, by an override and the tags that hold."""
    return present(
        title=override.title,
        tags=tuple(Tag(name=tag) for tag in tags or ()),
        external_docs=ExternalDocumentation(url=override.external_docs) if override.external_docs else None,
    )


def extensions_of(override: Override, *, deprecated: bool) -> dict[str, Any]:
    """Extensions that they have alike. AsyncAPI has no word for deprecation, so it is one."""
    return {**({"x-deprecated": True} if deprecated else {}), **override.extensions}


def without_effect(spec: ConsumerSpec) -> Iterator[Problem]:
    """A problem for each method that ``@asyncapi`` decorates although no operation is made of it."""
    handlers = {handler.name for handler in (*spec.message_handlers.values(), *spec.event_handlers.values())}
    own = [cls for cls in spec.consumer.__mro__ if cls not in AsyncJsonWebsocketConsumer.__mro__]
    for name in dict.fromkeys(name for cls in own for name, value in vars(cls).items() if has_override(value)):
        if name not in handlers and has_override(getattr_static(spec.consumer, name)):
            yield Problem(
                code=Code.OVERRIDE_WITHOUT_EFFECT,
                where=("routing", class_path(spec.consumer), name),
                text="@asyncapi decorates it, but it is no handler, so the document does not show it.",
                way_out="Add @handler, or remove @asyncapi.",
            )
