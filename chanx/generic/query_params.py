"""The query string of a handshake, as a pydantic model that the consumer declares.

::

    class ChatQuery(BaseModel):
        since: datetime | None = None
        tags: list[str] = []

    class ChatConsumer(AsyncJsonWebsocketConsumer[ChatMessage]):
        query_params: ChatQuery
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache
from typing import Any, Final, Literal, TypeVar, get_args, get_origin

from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict
from pydantic import AliasChoices, BaseModel, RootModel
from pydantic import ValidationError as PydanticError
from pydantic.fields import FieldInfo
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.settings import api_settings
from typing_extensions import is_typeddict

from chanx.exceptions import ConsumerDefinitionError
from chanx.generic.parameters import annotation_of, union_members
from chanx.settings import chanx_settings

#: Bytes of a query string that is read. Servers have limits of their own, mostly this one for the whole request line.
MAX_QUERY_SIZE: Final = 8192

#: The attribute that a consumer annotates.
ATTRIBUTE: Final = "query_params"

_EXAMPLE: Final = f"Write for instance: {ATTRIBUTE}: ChatQuery, where ChatQuery is a pydantic model."


def query_params_class(cls: type, root: type, owner: str, *, abstract: bool) -> type[BaseModel] | None:
    """The model that a consumer class below ``root`` declares, or inherits; None where there is none.

    Raises :class:`~chanx.exceptions.ConsumerDefinitionError` for anything else, and for a model whose fields no query
    string can fill.
    """
    try:
        model = annotation_of(ATTRIBUTE, cls, root)
    except NameError as error:
        raise ConsumerDefinitionError(
            owner,
            f"the annotation of {ATTRIBUTE} cannot be read: {error}.",
            "Define or import the model before the consumer, and not only under TYPE_CHECKING.",
        ) from error
    if model is None or (abstract and isinstance(model, TypeVar)):
        return None
    if not (isinstance(model, type) and issubclass(model, BaseModel)) or issubclass(model, RootModel):
        raise ConsumerDefinitionError(owner, f"its {ATTRIBUTE} is annotated with {model!r}.", _EXAMPLE)
    if getattr(cls, ATTRIBUTE) is not getattr(root, ATTRIBUTE):
        raise ConsumerDefinitionError(
            owner,
            f"its {ATTRIBUTE} has a value, in the place of the one that the query string gives it.",
            f"Leave it at the annotation; fields of {model.__name__} may have defaults.",
        )
    for name, field in model.model_fields.items():
        where = f"{model.__name__}.{name}, a field of its {ATTRIBUTE},"
        for member in union_members(field.annotation):
            if _is_object(member):
                raise ConsumerDefinitionError(
                    owner,
                    f"{where} holds an object.",
                    "A query string has room for texts, and for lists of them: write a field for each part.",
                )
            if get_origin(member) is Literal and not all(isinstance(value, str) for value in get_args(member)):
                raise ConsumerDefinitionError(
                    owner, f"{where} is {member!r}, which no text is.", "Write texts, or make an IntEnum of the values."
                )
    return model


def read_query_params(model: type[BaseModel], query_string: bytes) -> BaseModel:
    """The query parameters of a handshake.

    A key that is there several times is a list, and so is one whose field is a list. Texts become what the model says,
    also where it is strict.

    Raises DRF's ValidationError, with the texts of the errors by key, and pydantic's error types as their codes.
    """
    if len(query_string) > MAX_QUERY_SIZE:
        raise _refusal("too_long", f"The query string has more than {MAX_QUERY_SIZE} bytes.")
    try:
        given = QueryDict(query_string, encoding="utf-8")
    except TooManyFieldsSent:
        raise _refusal("too_many", "The query string has too many parameters.") from None
    lists = _list_keys(model)
    data = {key: values if len(values) > 1 or key in lists else values[0] for key, values in given.lists()}
    try:
        return model.model_validate(data, strict=False)
    except PydanticError as error:
        raise ValidationError(_by_key(error)) from None


@cache
def _list_keys(model: type[BaseModel]) -> Collection[str]:
    """The keys whose fields take lists."""
    return frozenset(
        key
        for name, field in model.model_fields.items()
        if any(map(_is_list, union_members(field.annotation)))
        for key in _keys(name, field)
    )


def _keys(name: str, field: FieldInfo) -> Iterator[str]:
    yield name
    alias = field.validation_alias
    for choice in alias.choices if isinstance(alias, AliasChoices) else [alias]:
        if isinstance(choice, str):
            yield choice


def _is_list(annotation: Any) -> bool:
    kind = get_origin(annotation) or annotation
    return isinstance(kind, type) and issubclass(kind, Collection) and not issubclass(kind, str | bytes | Mapping)


def _is_object(annotation: Any) -> bool:
    kind = get_origin(annotation) or annotation
    is_model = isinstance(kind, type) and issubclass(kind, BaseModel | Mapping) and not issubclass(kind, RootModel)
    return is_model or is_dataclass(kind) or is_typeddict(kind)


def _by_key(error: PydanticError) -> Mapping[str, list[ErrorDetail]]:
    found: dict[str, list[ErrorDetail]] = {}
    details = error.errors(include_url=False, include_input=False, include_context=False)
    for detail in details[: chanx_settings.MAX_REPORTED_ERRORS]:
        key = str(detail["loc"][0]) if detail["loc"] else api_settings.NON_FIELD_ERRORS_KEY
        found.setdefault(key, []).append(ErrorDetail(detail["msg"], code=detail["type"]))
    return found


def _refusal(code: str, text: str) -> ValidationError:
    return ValidationError({api_settings.NON_FIELD_ERRORS_KEY: [ErrorDetail(text, code=code)]})
