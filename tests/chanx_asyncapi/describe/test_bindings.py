"""The query string in the document: what the runtime takes, whole and without references."""

from datetime import date
from enum import Enum, StrEnum
from types import new_class
from typing import Annotated, Any, Literal

import pytest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from jsonschema import Draft7Validator
from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import core_schema
from rest_framework.authentication import BaseAuthentication
from typing_extensions import TypeAliasType

from chanx.generic.query_params import read_query_params
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import describe
from chanx_asyncapi.validation import validate
from tests.chanx.support import OpenMixin
from tests.chanx_asyncapi.describe.support import codes, described, service


class Order(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"


class Query(BaseModel):
    """What is listed."""

    page_number: int = Field(1, ge=1, description="Which page.")
    since: date | None = None
    order: Order = Order.NEWEST
    tags: Annotated[list[str], Field(max_length=3)] = []
    kind: Literal["a", "b"]
    by: Order | None = Field(None, alias="sortBy")


class Listing(OpenMixin, AsyncJsonWebsocketConsumer[PingMessage]):
    """Lists things."""

    query_params: Query


class KeyAuthentication(BaseAuthentication):
    """A key in the address."""


class KeyExtension(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its metaclass has no annotations
    target_class = KeyAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "query", "name": "api_key"}


class Guarded(Listing):
    """Lists things to some."""

    authentication_classes = (KeyAuthentication,)


def consumer_with(model: Any, base: Any = Listing) -> Any:
    """A consumer like ``base`` with other query parameters."""
    body = {"__annotations__": {"query_params": model}, "__doc__": "Lists things.", "__module__": __name__}
    return new_class("Consumer", (base,), {}, lambda namespace: namespace.update(body))


def query_of(document: dict[str, Any]) -> Any:
    return document["channels"]["c0"]["bindings"]["ws"].get("query")


@pytest.mark.parametrize("camelize", [False, True])
def test_the_schema_is_whole(*, camelize: bool) -> None:
    with override_chanx_settings(CAMELIZE=camelize):
        document = described(Listing)
    order = {"title": "Order", "type": "string", "enum": ["newest", "oldest"]}
    assert query_of(document) == {
        "title": "Query",
        "description": "What is listed.",
        "type": "object",
        "properties": {
            "page_number": {"description": "Which page.", "type": "integer", "default": 1, "minimum": 1},
            "since": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None},
            "order": {**order, "default": "newest"},
            "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3, "default": []},
            "kind": {"title": "QueryKind", "type": "string", "enum": ["a", "b"]},
            "sortBy": {"anyOf": [order, {"type": "null"}], "default": None},
        },
        "required": ["kind"],
    }
    assert list(validate(document)) == []


@pytest.mark.parametrize(
    ("values", "valid"),
    [
        ({"kind": "a"}, True),
        ({"kind": "a", "sortBy": "oldest", "tags": ["x", "y"]}, True),
        ({}, False),
        ({"kind": "c"}, False),
        ({"kind": "a", "order": "best"}, False),
        ({"kind": "a", "tags": ["x"] * 4}, False),
    ],
)
def test_the_document_and_the_runtime_agree(values: dict[str, Any], *, valid: bool) -> None:
    assert Draft7Validator(query_of(described(Listing))).is_valid(values) == valid
    pairs = [(key, each) for key, value in values.items() for each in (value if isinstance(value, list) else [value])]
    query = "&".join(f"{key}={value}" for key, value in pairs).encode()
    try:
        read_query_params(Query, query)
    except Exception:
        assert not valid
    else:
        assert valid


def test_the_credential_stands_beside_the_parameters() -> None:
    query = query_of(described(Guarded))
    assert query["properties"]["api_key"] == {"type": "string", "description": "The credential."}
    assert list(query["properties"])[1:] == list(query_of(described(Listing))["properties"])
    assert query["required"] == ["kind"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    page: int = 1


class StrictWithKey(Strict):
    api_key: str = Field(description="Your key.")


def test_a_model_that_forbids_the_credential() -> None:
    description = describe(service(consumer_with(Strict, Guarded)))
    assert codes(description) == ["asyncapi.E008"]
    assert "'api_key'" in description.problems[0].text
    query = query_of(described(consumer_with(StrictWithKey, Guarded)))
    assert query["additionalProperties"] is False
    assert query["properties"]["api_key"] == {"description": "Your key.", "type": "string"}


def test_a_model_without_fields() -> None:
    class Nothing(BaseModel):
        pass

    assert query_of(described(consumer_with(Nothing))) == {"title": "Nothing", "type": "object", "properties": {}}
    assert query_of(described(consumer_with(Nothing, Guarded)))["properties"].keys() == {"api_key"}


class Opaque:
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return core_schema.no_info_plain_validator_function(lambda value: value)


class Color(Enum):
    RED = object()


@pytest.mark.parametrize(
    ("annotation", "code"),
    [
        (Opaque, "asyncapi.E002"),
        (Color, "asyncapi.E002"),
        (Annotated[str, Field(pattern=r"(?P<a>x)")], "asyncapi.E403"),
    ],
)
def test_what_cannot_be_described_is_a_problem(annotation: Any, code: str) -> None:
    class Odd(BaseModel):
        __annotations__ = {"value": annotation}

    description = describe(service(consumer_with(Odd)))
    assert codes(description) == [code]
    assert list(validate(description.document.to_wire())) == []


Branches = TypeAliasType("Branches", "list[Branches]")


def test_a_type_that_holds_itself_has_an_end() -> None:
    class Deep(BaseModel):
        branches: Branches = []

    assert "$ref" not in str(query_of(describe(service(consumer_with(Deep))).document.to_wire()))
