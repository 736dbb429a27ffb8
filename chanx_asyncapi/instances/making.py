"""From a schema to a value."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final
from urllib.parse import unquote

from chanx_asyncapi.instances.arrays import arrays
from chanx_asyncapi.instances.merging import ANNOTATIONS, CircleError, flattened, types
from chanx_asyncapi.instances.numbers import numbers
from chanx_asyncapi.instances.objects import objects
from chanx_asyncapi.instances.places import NoInstanceError, Place, Schema, TooLargeError
from chanx_asyncapi.instances.texts import texts
from chanx_asyncapi.validation.plain_values import surely_fits
from chanx_asyncapi.validation.values import validator

#: Parts of one value, tried ones included, before it is given up.
_MAX_PARTS: Final = 2_000
#: Parts of one value after which only what is required is added.
_MANY_PARTS: Final = 150
#: Levels below which only what is required is added, and at which a value is given up.
_DEEP: Final = 5
_MAX_DEPTH: Final = 40
#: Values for one schema that are tried.
_MAX_TRIED: Final = 10

#: Keywords that a value made from the others may violate.
_CHECKED: Final = frozenset({"allOf", "contains", "dependencies", "if", "not", "propertyNames", "patternProperties"})
#: The type that a schema without one is about.
_ABOUT: Final[Mapping[str, tuple[str, ...]]] = {
    "object": ("properties", "additionalProperties", "patternProperties", "required", "minProperties", "propertyNames"),
    "array": ("items", "minItems", "contains", "uniqueItems"),
    "string": ("pattern", "format", "minLength", "maxLength", "contentEncoding", "contentMediaType"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
#: For a schema that allows everything: the first is to be read, the others are for a ``not``.
_ANYTHING: Final[tuple[Any, ...]] = ("any value", 1, True, {}, [], None)
_NOTHING: Final = object()


class Instances:
    """Makes values for the schemas of a document.

    :param document: where references lead, as they do in the JSON shape of a document: ``#/components/schemas/…``.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._targets: dict[str, Any] = {}

    def make(
        self,
        schema: Schema | bool,
        name: str = "",
        *,
        author: bool = True,
        optional: bool = True,
        read_only: bool = True,
    ) -> Any:
        """A value for ``schema``, in draft-07.

        :param name: what the value is called, as a key of an object would.
        :param author: whether the ``examples`` and defaults of the schema count.
        :param optional: whether an object has optional properties, as far as it stays small enough to be read.
        :param read_only: whether an object has properties that are ``readOnly``. Without them it is not held against
            the schema, which may require them.
        :raises NoInstanceError: when no value was found that fits the schema.
        """
        making = _Making(self._document, self.resolve, author=author, optional=optional, read_only=read_only)
        try:
            value = making.value(schema, Place(name=name))
            fits = not read_only or self.fits(schema, value)
        except NoInstanceError:
            raise
        except Exception as error:  # where a keyword wants a number a schema may hold anything
            raise NoInstanceError(f"the schema cannot be read: {type(error).__name__}: {error}") from error
        if not fits:
            raise NoInstanceError(
                "its keywords contradict each other, or hang together in a way that is not understood"
            )
        return value

    def fits(self, schema: Schema | bool, value: Any) -> bool:
        """Whether a value is one for ``schema``."""
        return surely_fits(schema, value, self.resolve) or _fits(schema, value, self._document)

    def resolve(self, reference: str) -> Any:
        """What a reference leads to. Raises NoInstanceError when it leads nowhere."""
        if reference not in self._targets:
            self._targets[reference] = _target(self._document, reference)
        return self._targets[reference]


class _Making:
    """Makes one value."""

    def __init__(
        self,
        document: Mapping[str, Any],
        resolve: Callable[[str], Any],
        *,
        author: bool,
        optional: bool,
        read_only: bool,
    ) -> None:
        self._document = document
        self._resolve = resolve
        self._author = author
        self._optional = optional
        self.read_only = read_only
        self._parts = 0

    def value(self, schema: Schema | bool, at: Place) -> Any:
        """The first value that was found. Raises NoInstanceError, without looking for the reason."""
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise TooLargeError("it has too many parts")
        if at.depth > _MAX_DEPTH:
            raise NoInstanceError("it is nested too deeply")
        try:
            keywords, path = flattened(schema, self._resolve, at.path)
        except CircleError:
            raise NoInstanceError("the schema leads back to itself") from None
        if path is not at.path:
            at = at._replace(path=path)
        if "const" in keywords:
            return keywords["const"]
        if (said := self._said(keywords, at)) is not _NOTHING:
            return copy.deepcopy(said) if isinstance(said, dict | list) else said
        candidates: Iterator[Any] = islice(self._candidates(keywords, at), _MAX_TRIED)
        if not _CHECKED.isdisjoint(keywords) or ("oneOf" in keywords and "discriminator" not in keywords):
            candidates = (value for value in candidates if _fits(keywords, value, self._document))
        for candidate in candidates:
            return candidate
        raise NoInstanceError("no value was found")

    def has_room(self, at: Place) -> bool:
        return self._optional and at.depth <= _DEEP and self._parts <= _MANY_PARTS

    def is_telling(self, schema: Schema | bool, at: Place) -> bool:
        try:
            keywords, _ = flattened(schema, self._resolve, at.path)
        except CircleError:
            return False
        # What can only be null says nothing; what is deprecated should not be copied.
        return keywords.get("type") != "null" and keywords.get("deprecated") is not True

    def _said(self, keywords: Schema, at: Place) -> Any:
        """What the author of the schema says that a value is."""
        if not self._author:
            return _NOTHING
        examples = keywords.get("examples")
        if isinstance(examples, list) and examples:
            right = [example for example in examples if self._is_right(keywords, example)]
            telling = list(filter(_tells, right)) or right
            if telling:
                return telling[at.number % len(telling)]
        for given in (at.hint, keywords.get("default")):
            # Of an object the properties are made one by one: each may have more to tell.
            if _tells(given) and at.number == 0 and not (isinstance(given, dict) and "properties" in keywords):
                return given if self._is_right(keywords, given) else _NOTHING
        return _NOTHING

    def _is_right(self, keywords: Schema, value: Any) -> bool:
        """Whether what the author says is true."""
        # What is made for others to complete may come incomplete from its author, too.
        schema = keywords if self.read_only else {name: keywords[name] for name in ("type",) if name in keywords}
        return surely_fits(schema, value, self._resolve) or _fits(schema, value, self._document)

    def _candidates(self, keywords: Schema, at: Place) -> Iterable[Any]:
        if "enum" in keywords:
            values = sorted(keywords["enum"], key=lambda value: value is None)
            return (values[(at.number + offset) % len(values)] for offset in range(len(values)))
        if "oneOf" in keywords or "anyOf" in keywords:
            return self._of_alternatives(keywords, at)
        if "if" in keywords:
            rest = {keyword: value for keyword, value in keywords.items() if keyword not in ("if", "then", "else")}
            parts = ((keywords["if"], keywords.get("then", True)), (keywords.get("else", True),))
            return self._attempts([{"allOf": [rest, *part]} for part in parts], at)
        named = keywords.get("type")
        return self._of_type(named, keywords, at) if isinstance(named, str) else self._of_types(keywords, at)

    def _of_alternatives(self, keywords: Schema, at: Place) -> Iterator[Any]:
        keyword = "oneOf" if "oneOf" in keywords else "anyOf"
        apart = ANNOTATIONS | {keyword, "discriminator"}
        rest = {name: value for name, value in keywords.items() if name not in apart}
        options = list(keywords[keyword])
        options = options[at.number % len(options) :] + options[: at.number % len(options)]
        dull: list[Any] = []
        for value in self._attempts([{"allOf": [option, rest]} if rest else option for option in options], at):
            if _tells(value):
                yield value
            else:
                dull.append(value)
        yield from dull

    def _attempts(self, schemas: list[Any], at: Place) -> Iterator[Any]:
        for schema in schemas:
            try:
                yield self.value(schema, at)
            except TooLargeError:
                raise
            except NoInstanceError:
                continue

    def _of_types(self, keywords: Schema, at: Place) -> Iterator[Any]:
        if "type" in keywords:
            given = sorted(types(keywords["type"]), key=lambda name: name == "null")
        else:
            given = [name for name, about in _ABOUT.items() if not keywords.keys().isdisjoint(about)]
            if not given:
                yield from _ANYTHING
        for name in given:
            try:
                yield from self._of_type(name, keywords, at)
            except TooLargeError:
                raise
            except NoInstanceError:
                continue

    def _of_type(self, name: str, keywords: Schema, at: Place) -> Iterable[Any]:
        match name:
            case "object":
                return objects(keywords, at, self)
            case "array":
                return arrays(keywords, at, self)
            case "string":
                return texts(keywords, at.name, at.number)
            case "integer" | "number":
                return numbers(keywords, integer=name == "integer", number=at.number)
            case "boolean":
                return (at.number % 2 == 0, at.number % 2 == 1)
            case "null":
                return (None,)
            case _:
                return ()


def _fits(schema: Schema | bool, value: Any, document: Mapping[str, Any]) -> bool:
    return validator(schema if isinstance(schema, Mapping) else {"allOf": [schema]}, document).is_valid(value)


def _tells(value: Any) -> bool:
    """Whether a value tells more than that it may be empty."""
    return value is not None and value not in ("", [], {})


def _target(document: Mapping[str, Any], reference: str) -> Any:
    """What a reference leads to (RFC 6901, 6)."""
    pointer, _, fragment = reference.partition("#")
    target: Any = document
    if pointer or (fragment and not fragment.startswith("/")):
        raise NoInstanceError(f"{reference} leads out of the document")
    try:
        for step in fragment.split("/")[1:]:
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            target = target[int(key)] if isinstance(target, list) else target[key]
    except (LookupError, TypeError, ValueError):
        raise NoInstanceError(f"{reference} leads nowhere") from None
    return target
