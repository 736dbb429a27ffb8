"""The query string of a handshake: declared as a model, read as one, refused without a word of what it holds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import new_class
from typing import Annotated, Any, Literal, NamedTuple, TypeVar
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, RootModel, field_validator, model_validator
from pytest_django import Settings
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import BasePermission
from typing_extensions import TypedDict

from chanx.exceptions import ConsumerDefinitionError
from chanx.generic.authenticator import AuthenticationResult, ChanxWebsocketAuthenticator
from chanx.generic.query_params import MAX_QUERY_SIZE, read_query_params
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.utils.settings import override_chanx_settings
from tests.chanx.support import OpenMixin, client, connected, exactly, records, refused

SECRET = "t0p-s3cr3t"


class Level(Enum):
    LOW = "low"


class Query(BaseModel):
    page: int = 1
    since: date | None = None
    tags: list[str] = []
    levels: Annotated[set[Level], Field(alias="level")] = set()
    ids: Sequence[int] | None = None
    active: bool = False


def read(query: str, model: type[BaseModel] = Query) -> Any:
    return read_query_params(model, query.encode())


def errors(query: str, model: type[BaseModel] = Query) -> dict[str, list[str]]:
    """The codes of the errors, by key."""
    with pytest.raises(ValidationError) as caught:
        read(query, model)
    detail: Any = caught.value.detail
    assert SECRET not in json.dumps(detail)
    return {key: [each.code for each in found] for key, found in detail.items()}


# -- reading ---------------------------------------------------------------------------------------------------


def test_texts_become_what_the_model_says() -> None:
    assert read("") == Query()
    assert read("page=2&since=2024-05-01&active=true&unknown=x") == Query(page=2, since=date(2024, 5, 1), active=True)
    assert read("page=%32") == Query(page=2)


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("tags=a", "tags", ["a"]),
        ("tags=a&tags=b", "tags", ["a", "b"]),
        ("tags=", "tags", [""]),
        ("level=low", "levels", {Level.LOW}),
        ("ids=1&page=1&ids=2", "ids", [1, 2]),
        ("tags=%C3%A9", "tags", ["é"]),
        ("tags=a+b", "tags", ["a b"]),
        ("tags=%FF", "tags", ["�"]),
    ],
)
def test_lists(query: str, field: str, value: Any) -> None:
    assert getattr(read(query), field) == value


def test_a_key_that_is_there_twice_is_no_single_value() -> None:
    assert errors("page=1&page=2") == {"page": ["int_type"]}


def test_a_strict_model_reads_texts_too() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(strict=True)

        page: int
        size: Annotated[int, Field(strict=True)] = 1

    assert read("page=2&size=3", Strict) == Strict(page=2, size=3)


def test_several_names_of_a_list() -> None:
    class Named(BaseModel):
        tags: list[str] = Field(validation_alias=AliasChoices("tag", "label"))

    assert read("tag=a", Named).tags == ["a"]
    assert read("label=a", Named).tags == ["a"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"page={SECRET}", {"page": ["int_parsing"]}),
        ("page=", {"page": ["int_parsing"]}),
        (f"since={SECRET}&active={SECRET}", {"since": ["date_from_datetime_parsing"], "active": ["bool_parsing"]}),
        (f"ids=1&ids={SECRET}&ids=x", {"ids": ["int_parsing", "int_parsing"]}),
        (f"level={SECRET}", {"level": ["enum"]}),
    ],
)
def test_errors_by_key(query: str, expected: Any) -> None:
    assert errors(query) == expected


def test_unknown_keys_are_the_model_s_affair() -> None:
    class Forbidding(BaseModel):
        model_config = ConfigDict(extra="forbid")

    class Allowing(BaseModel):
        model_config = ConfigDict(extra="allow")

    assert errors("a=1", Forbidding) == {"a": ["extra_forbidden"]}
    assert read("a=1&b=2&b=3", Allowing).model_extra == {"a": "1", "b": ["2", "3"]}


def test_errors_of_the_whole() -> None:
    class Range(BaseModel):
        start: int
        end: int

        @model_validator(mode="after")
        def in_order(self) -> "Range":
            if self.start > self.end:
                raise ValueError("start is after end")
            return self

    assert errors("start=2&end=1", Range) == {"non_field_errors": ["value_error"]}
    assert errors("", Range) == {"start": ["missing"], "end": ["missing"]}


def test_what_is_read_is_bounded(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    assert errors("&".join(["a=1"] * 11)) == {"non_field_errors": ["too_many"]}
    assert errors("a" * (MAX_QUERY_SIZE + 1)) == {"non_field_errors": ["too_long"]}
    assert read("a" * MAX_QUERY_SIZE) == Query()
    with override_chanx_settings(MAX_REPORTED_ERRORS=2):
        assert errors("ids=x&ids=x&ids=x") == {"ids": ["int_parsing"] * 2}


# -- declaring -------------------------------------------------------------------------------------------------


class Plain(OpenMixin, AsyncJsonWebsocketConsumer[PingMessage]):
    pass


class Queried(Plain):
    query_params: Query


class Mixin:
    query_params: "Query"


class Mixed(Mixin, Plain):
    pass


class Inherited(Queried):
    pass


class OtherQuery(Query):
    more: str = ""


class Narrowed(Queried):
    query_params: OtherQuery  # pyright: ignore[reportIncompatibleVariableOverride]  # nobody assigns to it


def test_the_model_is_read_from_the_annotation() -> None:
    declared = [each.spec.query_params_class for each in (Plain, Queried, Mixed, Inherited, Narrowed)]
    assert declared == [None, Query, Query, Query, OtherQuery]
    assert AsyncJsonWebsocketConsumer.spec.query_params_class is None


Q = TypeVar("Q")


def test_a_base_may_leave_it_open() -> None:
    open_base = new_class("Base", (Plain,), {"abstract": True}, lambda body: body.update(_annotated(Q)))
    assert open_base.spec.query_params_class is None  # type: ignore[attr-defined]  # new_class() knows no metaclass
    with pytest.raises(ConsumerDefinitionError, match="annotated with ~Q"):
        new_class("Concrete", (open_base,))


class Inner(BaseModel):
    value: int


@dataclass
class Data:
    value: int


class Typed(TypedDict):
    value: int


class Pair(NamedTuple):
    first: int
    second: int


class Tags(RootModel[list[str]]):
    pass


def _annotated(annotation: Any) -> dict[str, Any]:
    return {"__annotations__": {"query_params": annotation}, "__module__": __name__}


def declare(annotation: Any) -> Any:
    return new_class("Declared", (Plain,), {}, lambda body: body.update(_annotated(annotation)))


@pytest.mark.parametrize(
    "annotation", [dict[str, str], str, Query | None, Annotated[Query, 1], list[Query], Query(), Tags]
)
def test_other_annotations_are_refused(annotation: Any) -> None:
    with pytest.raises(ConsumerDefinitionError) as caught:
        declare(annotation)
    assert str(caught.value) == (
        f"{__name__}.Declared: its query_params is annotated with {annotation!r}.\n"
        "Write for instance: query_params: ChatQuery, where ChatQuery is a pydantic model."
    )


def test_a_value_is_refused() -> None:
    """It would hide what is read, and nothing would be validated."""
    body = {**_annotated(Query), "query_params": Query()}
    with pytest.raises(ConsumerDefinitionError, match="Leave it at the annotation; fields of Query may have defaults"):
        new_class("Declared", (Plain,), {}, lambda namespace: namespace.update(body))


def test_a_name_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ConsumerDefinitionError, match="cannot be read: name 'Unknown' is not defined"):
        declare("Unknown")


@pytest.mark.parametrize("held", [Inner, dict[str, int], Inner | None, Data, Typed])
def test_models_that_no_query_string_can_fill_are_refused(held: Any) -> None:
    model = type("Deep", (BaseModel,), {"__annotations__": {"inner": held}, "__module__": __name__})
    with pytest.raises(
        ConsumerDefinitionError,
        match=exactly(
            f"{__name__}.Declared: Deep.inner, a field of its query_params, holds an object.\n"
            "A query string has room for texts, and for lists of them: write a field for each part."
        ),
    ):
        declare(model)


def test_a_literal_that_no_text_is() -> None:
    model = type("Numbered", (BaseModel,), {"__annotations__": {"number": Literal[1, "a"]}, "__module__": __name__})
    with pytest.raises(ConsumerDefinitionError, match=r"number, a field of its query_params, is .*Literal\[1, 'a'\]"):
        declare(model)


@pytest.mark.parametrize("held", [Tags, Pair, tuple[int, str], Literal["a"]])
def test_others_are_not(held: Any) -> None:
    model = type("Flat", (BaseModel,), {"__annotations__": {"held": held}, "__module__": __name__})
    assert declare(model).spec.query_params_class is model


# -- the handshake ---------------------------------------------------------------------------------------------


class Answer(BaseMessage):
    """What the connection knows of its query."""

    action: Literal["answer"] = "answer"
    payload: Any


class Listing(Queried):
    """Answers with its query."""

    outgoing_messages = Answer

    async def post_authentication(self) -> None:
        await self.send_message(Answer(payload=self.query_params.model_dump(mode="json")))


async def test_the_consumer_has_the_query_params() -> None:
    listing = await connected(Listing, "/ws/?page=3&tags=a&level=low")
    answer = await listing.receive_json_from()
    assert (answer["payload"]["page"], answer["payload"]["tags"], answer["payload"]["levels"]) == (3, ["a"], ["low"])


async def test_a_wrong_query_is_refused() -> None:
    payload, code = await refused(client(Listing, f"/ws/?page={SECRET}&tags=a"))
    assert code == 4400
    assert payload == {
        "status_code": 400,
        "status_text": "Bad Request",
        "data": {"page": ["Input should be a valid integer, unable to parse string as an integer"]},
    }


@override_chanx_settings(AUTHENTICATE_BEFORE_ACCEPT=True)
async def test_it_may_be_refused_before_the_connection_is_accepted() -> None:
    listing = client(Listing, "/ws/?page=x")
    listing.scope["extensions"] = {"websocket.http.response": {}}
    await listing.send_input({"type": "websocket.connect"})
    assert (await listing.receive_output())["status"] == 400
    assert "valid integer" in (await listing.receive_output())["body"].decode()


class Nobody(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class Closed(Listing):
    permission_classes = (Nobody,)


async def test_who_is_not_let_in_learns_nothing_about_the_query() -> None:
    for query in ("page=x", "page=1"):
        payload, code = await refused(client(Closed, f"/ws/?{query}"))
        assert (payload["status_code"], code) == (403, 4403)


async def test_a_consumer_that_declares_nothing_reads_nothing() -> None:
    await connected(Plain, f"/ws/?{'a' * MAX_QUERY_SIZE}&page=x")
    with pytest.raises(AttributeError, match=r"Plain declares no query_params: annotate it with a pydantic model\."):
        Plain().query_params  # noqa: B018 - that is what is tested


class Grumpy(BaseModel):
    mood: str = ""

    @field_validator("mood")
    @classmethod
    def raises(cls, mood: str) -> str:
        if mood == "denied":
            raise PermissionDenied
        raise KeyError(mood)


class Moody(Plain):
    query_params: Grumpy


async def test_a_validator_that_fails_is_a_failure_of_the_server(caplog: pytest.LogCaptureFixture) -> None:
    payload, code = await refused(client(Moody, f"/ws/?mood={SECRET}"))
    assert (payload["status_code"], payload["data"], code) == (500, {"detail": "Internal server error"}, 4500)
    assert records(caplog, "ERROR") == [f"{__name__}.Moody failed to read the query string of a handshake"]


async def test_a_validator_may_speak_in_drf_s_exceptions() -> None:
    payload, code = await refused(client(Moody, "/ws/?mood=denied"))
    assert (payload["status_code"], code) == (403, 4403)


class Exists(BaseModel):
    group: str

    @field_validator("group")
    @classmethod
    def exists(cls, group: str) -> str:
        if not Group.objects.filter(name=group).exists():
            raise ValueError("no such group")
        return group


class Chosen(OpenMixin, AsyncJsonWebsocketConsumer[PingMessage, None, None, Group]):
    query_params: Exists

    def get_queryset(self) -> QuerySet[Group]:
        return Group.objects.filter(name=self.query_params.group)

    def get_object(self) -> Group:
        return self.get_queryset().get()


class Asking(Plain):
    query_params: Exists


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("consumer", [Asking, Chosen])
async def test_a_validator_may_ask_the_database_and_the_queryset_the_query(consumer: Any) -> None:
    await Group.objects.acreate(name="cooks")
    await connected(consumer, "/ws/?group=cooks")
    payload, code = await refused(client(consumer, f"/ws/?group={quote('no cooks')}"))
    assert (payload["data"], code) == ({"group": ["Value error, no such group"]}, 4400)


class LetIn(ChanxWebsocketAuthenticator):
    """Decides without DRF's classes."""

    async def authenticate(self, scope: Any) -> AuthenticationResult:
        return AuthenticationResult(is_authenticated=True, status_code=200, status_text="OK", data={"detail": "OK"})


class OwnAuthenticator(Listing):
    authenticator_class = LetIn


async def test_another_authenticator_changes_nothing_about_it() -> None:
    _, code = await refused(client(OwnAuthenticator, "/ws/?page=x"))
    assert code == 4400
