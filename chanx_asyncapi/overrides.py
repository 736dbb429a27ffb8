"""What the document says in other words than the code: ``@asyncapi(…)`` on consumers, handlers and messages.

Nothing of this reaches the running service. Little is imported before something is decorated: ``chanx_asyncapi`` is
imported at the start of every project that has it installed, and where there is no Django.
"""

import inspect
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from chanx.generic.websocket import AsyncJsonWebsocketConsumer
    from chanx.messages.base import BaseMessage

    _Handler: TypeAlias = Callable[[Any, Any], Awaitable[BaseMessage | None] | AsyncIterator[BaseMessage]]
    _Describable: TypeAlias = type[AsyncJsonWebsocketConsumer[Any, Any, Any, Any]] | type[BaseMessage] | _Handler

Target = TypeVar("Target", bound="_Describable")

_MARK: Final = "_chanx_asyncapi"

# https://www.asyncapi.com/docs/reference/specification/v3.1.0#specificationExtensions
_EXTENSION: Final = re.compile(r"x-[\w.\-]+", re.ASCII)


class OverrideError(TypeError):
    """``@asyncapi`` on something that no document shows, or with a value that none can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What ``@asyncapi`` was given; None is what the code says."""

    title: str | None = None
    summary: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    examples: tuple[Any, ...] | Mapping[str, Any] | None = None
    deprecated: bool | None = None
    exclude: bool | None = None
    external_docs: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict[str, Any])


def asyncapi(
    *,
    title: str | None = None,
    summary: str | None = None,
    description: str | None = None,
    tags: Sequence[str] | None = None,
    examples: Sequence[Any] | Mapping[str, Any] | None = None,
    deprecated: bool | None = None,
    exclude: bool | None = None,
    external_docs: str | None = None,
    extensions: Mapping[str, Any] | None = None,
) -> Callable[[Target], Target]:
    """Tells the document about a consumer, a handler or a message what its code does not say.

    On a consumer it is about its channels, on a handler about its operations, on a message class about the message in
    all channels. What is not given stays as the code has it. ``tags``, ``external_docs`` and ``extensions`` hold for
    subclasses as well; everything else is about the decorated class alone.

    :param title: a name for people.
    :param summary: one sentence.
    :param description: Markdown, in place of the docstring.
    :param tags: names; those of a consumer are also those of its operations. None at all: ``()``.
    :param examples: frames, in the keys of the wire or of Python, or messages; with names as a mapping to objects with
        ``value`` and ``summary``, as OpenAPI has it. Of messages only.
    :param deprecated: says that clients should stop using it; those of a consumer, all of its operations.
    :param exclude: leaves it out of the document, with what nothing else needs.
    :param external_docs: a URL.
    :param extensions: keys that begin with ``x-``, and their values, which JSON must know.

    Raises :class:`OverrideError` at once for a value, or for a target, that it is not made for.
    """
    given = Override(
        title=_text("title", title),
        summary=_text("summary", summary),
        description=_text("description", description),
        tags=_tags(tags),
        examples=examples if examples is None or isinstance(examples, Mapping) else tuple(examples),
        deprecated=deprecated,
        exclude=exclude,
        external_docs=_url(external_docs),
        extensions=_extensions(extensions),
    )

    def decorate(target: Target) -> Target:
        kind = _kind(target)
        if given.examples is not None and kind != "message":
            raise _refused(target, "examples are of messages.", "Decorate the class of the message with them.")
        setattr(target, _MARK, _merged(_own(target), given))
        return target

    return decorate


def override_of(target: Any) -> Override:
    """What ``@asyncapi`` has been told about a class or a method, with what a class inherits."""
    own = _own(target)
    if not isinstance(target, type):
        return own
    bases = [found for base in reversed(target.__mro__) if (found := vars(base).get(_MARK)) is not None]
    if not bases:
        return own
    family = Override()
    for base in bases:
        family = _merged(family, base)
    return replace(own, tags=family.tags, external_docs=family.external_docs, extensions=family.extensions)


def has_override(target: Any) -> bool:
    """Whether ``@asyncapi`` decorates a class or a method itself."""
    return _own(target) is not _NOTHING


def _own(target: Any) -> Override:
    if not isinstance(target, type):
        # Not getattr(): it would make a lazy object work, and a mock say yes.
        said: Override = getattr(target, "__dict__", {}).get(_MARK, _NOTHING)
        return said
    # Page[Item] is a class of its own, which nobody has decorated.
    generic: Any = getattr(target, "__pydantic_generic_metadata__", {}).get("origin")
    found: Override = vars(generic or target).get(_MARK, _NOTHING)
    return found


def _merged(first: Override, then: Override) -> Override:
    """``first`` with what ``then`` says otherwise."""
    given = {each.name: value for each in fields(then) if (value := getattr(then, each.name)) is not None}
    return replace(first, **{**given, "extensions": {**first.extensions, **then.extensions}})


def _kind(target: Any) -> Literal["consumer", "message", "handler"]:
    from chanx.messages.base import BaseChannelEvent, BaseMessage
    from chanx.registry import ConsumerSpec

    if isinstance(target, type):
        if isinstance(vars(target).get("spec"), ConsumerSpec):
            return "consumer"
        if issubclass(target, BaseMessage):
            return "message"
        if issubclass(target, BaseChannelEvent):
            raise _refused(
                target, "clients do not see channel events.", "Decorate the message that its handler replies with."
            )
        raise _refused(
            target,
            "it is neither a consumer nor a message.",
            "Describe other models by their docstring, Field(description=…) and json_schema_extra.",
        )
    if not (inspect.iscoroutinefunction(target) or inspect.isasyncgenfunction(target)):
        raise _refused(
            target, "it is no handler.", "Decorate a consumer class, a message class, or an async method with @handler."
        )
    if target.__name__ in ("receive_message", "receive_event"):
        raise _refused(
            target,
            "it handles every message, so nothing can be said of one.",
            "Decorate the classes of the messages, or write a @handler for each message.",
        )
    return "handler"


def _refused(target: Any, problem: str, way_out: str) -> OverrideError:
    name = f"{target.__module__}.{target.__qualname__}" if hasattr(target, "__qualname__") else repr(target)
    return OverrideError(f"@asyncapi on {name}: {problem}\n{way_out}")


def _text(name: str, value: Any) -> str | None:
    if value is None or _is_text(value):
        return cast("str | None", value)
    raise OverrideError(f"@asyncapi({name}={value!r}): that is no text.\nWrite one, or leave it out.")


def _is_text(value: Any) -> bool:
    # No JSON text can hold a lone surrogate (RFC 8259, 8.2).
    return isinstance(value, str) and bool(value.strip()) and value.encode("utf-8", "replace").decode() == value


def _tags(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Iterable) or not all(map(_is_text, value)):
        raise OverrideError(f"@asyncapi(tags={value!r}): tags are a list of names.\nWrite for instance: tags=['chat']")
    return tuple(dict.fromkeys(value))


def _url(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and urlsplit(value).scheme):
        return value
    raise OverrideError(
        f"@asyncapi(external_docs={value!r}): that is no URL.\nWrite for instance: 'https://example.com/chat'"
    )


def _extensions(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping | None):
        raise OverrideError(
            f"@asyncapi(extensions={value!r}): that is no dictionary.\nWrite for instance: {{'x-audience': 'internal'}}"
        )
    for name in value or {}:
        if not _EXTENSION.fullmatch(str(name)):
            raise OverrideError(
                f"@asyncapi(extensions=…): {name!r} is no name of an extension.\n"
                "Begin it with 'x-', and go on with letters, digits, '.', '-' and '_'."
            )
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise OverrideError(
            f"@asyncapi(extensions=…): JSON does not know a value: {error}.\n"
            "Use texts, numbers, booleans, lists and dictionaries."
        ) from error
    return dict(value or {})


_NOTHING: Final = Override()
