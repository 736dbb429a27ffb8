"""JSON Schemas of DRF serializers, by drf-spectacular."""

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from drf_spectacular import plumbing
from drf_spectacular.drainage import GENERATOR_STATS
from pydantic.json_schema import CoreRef, JsonSchemaMode

from chanx.messages.serialized import SerializerType
from chanx_asyncapi.describe.draft7 import Schema
from chanx_asyncapi.describe.names import class_path
from chanx_asyncapi.describe.openapi import Translator
from chanx_asyncapi.describe.serializer_components import SerializerComponents
from chanx_asyncapi.problems import Code, Problem

_plumbing: Any = plumbing  # its functions have no annotations

_COMPONENTS: Final = "#/components/schemas/"

#: Two threads must not take over at once.
_one_at_a_time = threading.Lock()

_CODES: Final = {"error": Code.SERIALIZER_ERROR, "warning": Code.SERIALIZER_WARNING}


class SerializerSchemas:
    """The schemas of serializers; ``report`` is given what drf-spectacular complains of."""

    def __init__(self, report: Callable[[Problem], None], *, camelize: bool) -> None:
        self._report = report
        self._components: Mapping[JsonSchemaMode, SerializerComponents] = {
            "validation": SerializerComponents("request", camelize=camelize),
            "serialization": SerializerComponents("response", camelize=camelize),
        }

    def schema(
        self, serializer: SerializerType, mode: JsonSchemaMode, refer: Callable[[CoreRef], str]
    ) -> tuple[Schema, Mapping[CoreRef, Schema]]:
        """The schema of a serializer's data, received or sent, and the definitions of this mode so far.

        Serializer classes have names as pydantic gives them to models; ``refer`` makes references of these.
        """
        components = self._components[mode]
        with self._reporting(serializer.serializer_class):
            schema = components.schema(serializer.make())
            enum_names = _plumbing.load_enum_name_overrides()

        translator = Translator(lambda target: refer(CoreRef(target.removeprefix(_COMPONENTS))), enum_names)
        definitions = {
            CoreRef(name): translator.translated(component) for name, component in components.components().items()
        }
        bounds = _bounds(serializer) if mode == "validation" and serializer.many else {}
        return {**translator.translated(schema), **bounds}, definitions

    @contextmanager
    def _reporting(self, serializer_class: type[Any]) -> Generator[None]:
        """Takes what drf-spectacular complains of inside the block, which would go to standard error.

        It has one place for all complaints: those of other threads are left there.
        """
        stats: Any = GENERATOR_STATS
        depth, thread, emit = len(stats._traces), threading.get_ident(), stats.emit

        def take(text: str, severity: str) -> None:
            if threading.get_ident() != thread:
                emit(text, severity)
                return
            inner = [name for _, _, name in stats._traces[depth + 1 :]]
            self._report(
                Problem(
                    code=_CODES[severity],
                    where=(class_path(serializer_class), *inner),
                    text=f"drf-spectacular says: {str(text).rstrip('.')}.",
                    way_out="Decorate it with @extend_schema_field, or write an extension of drf-spectacular's.",
                )
            )

        with _one_at_a_time:
            stats.emit = take
            try:
                yield
            except BaseException:
                del stats._traces[depth:]
                raise
            finally:
                del stats.emit


def _bounds(serializer: SerializerType) -> Schema:
    least = serializer.arguments.get("min_length")
    if least is None and not serializer.arguments.get("allow_empty", True):
        least = 1
    bounds = {"minItems": least, "maxItems": serializer.arguments.get("max_length")}
    return {name: value for name, value in bounds.items() if value is not None}
