"""What all messages, and their parts, have in common; types that pydantic does not have."""

from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Self, Unpack, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    ValidationInfo,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema


class Constant:
    """For a field that can have one value only. It need not be said, and is sent all the same."""


class NotNull:
    """For what may be left out, but not be null on the wire. In Python, None means that it is left out."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(source)
        if schema["type"] != "nullable":
            return schema
        # Nothing that comes as JSON is an instance of anything.
        only_in_python = core_schema.is_instance_schema(type(None))
        return core_schema.union_schema(
            [(schema["schema"], "present"), (only_in_python, "absent")]
        )


class Model(BaseModel):
    """A message, or a part of one. Keys that are not known are ignored: a service may add some.

    It is strict, as JSON is: a text is no number. A date is a ``date`` in Python, and a text on the wire.
    """

    model_config = ConfigDict(
        strict=True,
        # JSON has neither (RFC 8259, 6).
        allow_inf_nan=False,
        # Keys on the wire that are no names in Python are aliases; whoever writes Python uses its names.
        validate_by_name=True,
        validate_by_alias=True,
        # A class is built when it is needed first: packages have hundreds.
        defer_build=True,
        # A field of a service may have any name.
        protected_namespaces=(),
    )

    @model_validator(mode="after")
    def _know_what_is_sent(self, info: ValidationInfo) -> Self:
        constants, not_null = _marked(type(self))
        missing = constants - self.model_fields_set
        if missing and info.mode == "json":
            raise ValueError(f"{', '.join(sorted(missing))} is missing")
        self.model_fields_set.update(missing)
        for name in not_null & self.model_fields_set:
            if getattr(self, name) is None:
                self.model_fields_set.discard(name)
        return self

    def to_wire(self) -> dict[str, Any]:
        """The value of JSON that is sent: what was set, and what can have one value only."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


@cache
def _marked(model: type[Model]) -> tuple[frozenset[str], frozenset[str]]:
    """The fields of a class that can have one value only, and those that may not be null."""
    fields = model.model_fields.items()
    constants = frozenset(name for name, field in fields if Constant in field.metadata)
    return constants, frozenset(
        name for name, field in fields if NotNull in field.metadata
    )


def _refuse(value: Any) -> Any:
    raise ValueError("nothing is allowed here")


#: For what no value fits.
Nothing = BeforeValidator(_refuse)


def one_of(*values: str | float | None) -> BeforeValidator:
    """For constants among which are numbers or booleans: to Python, ``1``, ``1.0`` and ``True`` are the same."""

    def check(value: Any) -> Any:
        if not any(type(each) is type(value) and each == value for each in values):
            raise ValueError(f"must be one of {', '.join(map(repr, values))}")
        return value

    return BeforeValidator(check)


class _AsText:
    """For a number that travels as a text."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        number = core_schema.decimal_schema()
        return core_schema.json_or_python_schema(
            # What a text says is not strictly a number.
            core_schema.chain_schema(
                [core_schema.str_schema(), core_schema.decimal_schema(strict=False)]
            ),
            number,
            serialization=core_schema.to_string_ser_schema(),
        )


TextDecimal = Annotated[Decimal, _AsText]


def _refuse_repeated(value: list[Any]) -> list[Any]:
    seen: list[Any] = []
    for item in value:
        if any(type(each) is type(item) and each == item for each in seen):
            raise ValueError("the items must be different from each other")
        seen.append(item)
    return value


#: For lists without repetition.
Unique = AfterValidator(_refuse_repeated)


class Variadic:
    """For ``tuple[A, *tuple[B, ...]]``: items by their position, and then any number of others."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        *items, others = get_args(source)
        # Python keeps the star as it is, or makes an Unpack[tuple[B, ...]] of it.
        (rest, *_) = (
            get_args(get_args(others)[0])
            if get_origin(others) is Unpack
            else get_args(others)
        )
        schemas = [handler.generate_schema(item) for item in (*items, rest)]
        return core_schema.tuple_schema(schemas, variadic_item_index=len(items))
