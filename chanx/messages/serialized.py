"""Fields of messages that hold the data of a DRF serializer.

::

    class NewMessage(BaseMessage):
        action: Literal["new_message"] = "new_message"
        payload: SerializedBy[MessageSerializer]

The value of the field is a serializer: of a received message one that was found valid, as in a view after
``is_valid()``; of a message to be sent one that was made of an instance, or has been saved.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from itertools import islice
from typing import Annotated, Any, Final, TypeVar, cast

from django.utils.asyncio import async_unsafe
from pydantic import GetCoreSchemaHandler, ValidationError
from pydantic_core import (
    CoreSchema,
    InitErrorDetails,
    PydanticCustomError,
    PydanticSerializationUnexpectedValue,
    core_schema,
    to_jsonable_python,
)
from rest_framework.serializers import BaseSerializer
from rest_framework.utils.encoders import JSONEncoder

from chanx.exceptions import MessageDefinitionError
from chanx.messages.serializer_errors import serializer_errors
from chanx.messages.serializer_keys import camel_keys_of, from_camel, to_camel
from chanx.settings import chanx_settings

AnySerializer = TypeVar("AnySerializer", bound=BaseSerializer[Any])

#: The key in the metadata of a core schema under which chanx finds the :class:`SerializerType` again.
METADATA_KEY: Final = "chanx_serializer"

#: Makes the ``context`` of serializers that validate frames.
serializer_context: ContextVar[Callable[[], Mapping[str, Any]]] = ContextVar(
    "chanx_serializer_context", default=dict[str, Any]
)

#: Data has been made by a serializer, and needs no validation by one.
_is_made: ContextVar[bool] = ContextVar("chanx_serializer_data_is_made", default=False)


class Serialized:
    """Marks a serializer class as the type of a field: ``Annotated[MessageSerializer, Serialized(many=True)]``.

    The arguments are the serializer's own. A received list is bounded by ``max_length``, because a frame has room for
    thousands of items, and each is validated.

    Raises :class:`~chanx.exceptions.MessageDefinitionError` when it marks something else.
    """

    def __init__(
        self,
        *,
        many: bool = False,
        partial: bool = False,
        allow_empty: bool = True,
        min_length: int | None = None,
        max_length: int | None = 100,
    ) -> None:
        self._many = many
        self._arguments: dict[str, Any] = {"partial": partial}
        if many:
            self._arguments |= {"allow_empty": allow_empty, "min_length": min_length, "max_length": max_length}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if isinstance(source, TypeVar):  # in a generic model, which gets its serializer later
            source = BaseSerializer
        if not (isinstance(source, type) and issubclass(source, BaseSerializer)):
            raise MessageDefinitionError(
                repr(source),
                "it is no serializer class.",
                "Write for instance: payload: SerializedBy[MessageSerializer]",
            )
        return SerializerType(serializer_class=source, many=self._many, arguments=self._arguments).core_schema()


SerializedBy = Annotated[AnySerializer, Serialized()]
"""The type of a field that holds a serializer of one object: ``SerializedBy[MessageSerializer]``."""


@contextmanager
def made_by_serializers() -> Generator[None]:
    """What is validated inside the block comes from a serializer: it is kept as its ``data``, without a look at it."""
    token = _is_made.set(True)
    try:
        yield
    finally:
        _is_made.reset(token)


@dataclass(frozen=True, slots=True, kw_only=True)
class SerializerType:
    """A serializer class, and how it is used, as a type for pydantic."""

    serializer_class: type[BaseSerializer[Any]]
    many: bool
    arguments: Mapping[str, Any]
    #: Its fields have camelCase keys, here and in the serializers inside.
    camelize: bool = False

    def make(self, **arguments: Any) -> BaseSerializer[Any]:
        """A new serializer."""
        return self.serializer_class(many=self.many, **self.arguments, **arguments)

    def on_wire(self, *, camelize: bool) -> "SerializerType":
        """The same type with the keys that it has on the wire."""
        return replace(self, camelize=camelize)

    def core_schema(self) -> CoreSchema:
        def validate(value: Any) -> BaseSerializer[Any]:
            return self._validate(value)

        # Names it in the place of an error that one of several alternatives has.
        validate.__name__ = self.serializer_class.__name__
        return core_schema.no_info_plain_validator_function(
            validate,
            serialization=core_schema.plain_serializer_function_ser_schema(
                self._serialize, return_schema=core_schema.any_schema()
            ),
            metadata={METADATA_KEY: self},
            # For whoever asks pydantic for a JSON Schema; chanx_asyncapi knows better.
            json_schema_input_schema=core_schema.list_schema() if self.many else core_schema.dict_schema(),
        )

    def _validate(self, value: Any) -> BaseSerializer[Any]:
        """A serializer as it is, or a valid one that has got ``value`` as its data."""
        if not isinstance(value, BaseSerializer):
            return self._made(value) if _is_made.get() else self._validated(value)
        if not self._is_ours(value):
            name = self.serializer_class.__name__
            raise PydanticCustomError("serializer_type", "Input should be an instance of {name}", {"name": name})
        return value

    def _serialize(self, value: Any) -> Any:
        """The ``data`` of a serializer, ready for JSON."""
        if not self._is_ours(value):
            raise PydanticSerializationUnexpectedValue(f"it is no {self.serializer_class.__name__}")
        data = value.data if _has_data(value) else _make_data(value)
        return to_jsonable_python(to_camel(value, data) if self.camelize else data, fallback=JSONEncoder().default)

    def _is_ours(self, value: Any) -> bool:
        return isinstance(getattr(value, "child", None) if self.many else value, self.serializer_class)

    def _made(self, data: Any) -> BaseSerializer[Any]:
        serializer = self.make()
        # Where DRF keeps what `data` returns.
        vars(serializer)["_data"] = data
        return serializer

    @async_unsafe("A serializer may ask the database, and so must not run in an event loop.")
    def _validated(self, data: Any) -> BaseSerializer[Any]:
        context = serializer_context.get()()
        if self.camelize:
            data = from_camel(self.make(context=context), data)
        serializer = self.make(data=data, context=context)
        if serializer.is_valid():
            return serializer
        errors = serializer_errors(serializer, camel_keys_of if self.camelize else _own_names)
        raise ValidationError.from_exception_data(
            self.serializer_class.__name__,
            [
                InitErrorDetails(type=PydanticCustomError(cast("Any", code), cast("Any", text)), loc=place, input=None)
                for code, place, text in islice(errors, chanx_settings.MAX_REPORTED_ERRORS)
            ],
        )


def _has_data(serializer: BaseSerializer[Any]) -> bool:
    return "_data" in vars(serializer)


@async_unsafe("A serializer may ask the database, and so must not run in an event loop.")
def _make_data(serializer: BaseSerializer[Any]) -> Any:
    return serializer.data


def _own_names(serializer: Any) -> Mapping[str, str]:
    return {}
