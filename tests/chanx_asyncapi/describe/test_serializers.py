"""Serializers in the document: what drf-spectacular says of them, as the runtime treats them."""

import threading
from collections.abc import Iterator
from importlib import import_module
from typing import Annotated, Any, Literal

import pytest
from django.contrib.auth.models import Group
from django.db.models import TextChoices
from drf_spectacular.drainage import GENERATOR_STATS, warn
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.settings import patched_settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.serialized import Serialized, SerializedBy
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import describe
from chanx_asyncapi.validation import validate
from tests.chanx.support import OpenMixin
from tests.chanx_asyncapi.describe.support import codes, described, payload_validator, schema_of, service

#: The dotted path of what is defined here.
HERE = __name__


class Color(TextChoices):
    RED = "red", "Warm"
    BLUE = "blue", "Cold"


class LineSerializer(serializers.Serializer[Any]):
    """A part of the whole."""

    street_name = serializers.CharField(max_length=3, help_text="As on the map.")
    house_number = serializers.IntegerField(min_value=1, required=False, allow_null=True)


class PersonSerializer(serializers.Serializer[Any]):
    full_name = serializers.CharField()
    nick_name = serializers.CharField(allow_blank=True, required=False)
    password = serializers.CharField(write_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    price = serializers.DecimalField(max_digits=5, decimal_places=2, required=False)
    favourite_color = serializers.ChoiceField(Color.choices, allow_null=True, required=False)
    home = LineSerializer(required=False, allow_null=True)
    all_lines = LineSerializer(many=True, required=False)
    lines_by_key = serializers.DictField(child=LineSerializer(), required=False)
    other_data = serializers.JSONField(required=False)


class GroupSerializer(serializers.ModelSerializer[Group]):
    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride]  # DRF's Meta inherits nothing
        model = Group
        fields = ("id", "name", "permissions")


class Meet(BaseMessage):
    """Meets a person."""

    action: Literal["meet"] = "meet"
    payload: SerializedBy[PersonSerializer]


class MeetAll(BaseMessage):
    """Meets people."""

    action: Literal["meet_all"] = "meet_all"
    payload: Annotated[PersonSerializer, Serialized(many=True, allow_empty=False, max_length=5)]


class Change(BaseMessage):
    """Changes a person."""

    action: Literal["change"] = "change"
    payload: Annotated[PersonSerializer, Serialized(partial=True)]


class Join(BaseMessage):
    """Joins a group, or none."""

    action: Literal["join"] = "join"
    payload: SerializedBy[GroupSerializer] | None = None


class People(OpenMixin, AsyncJsonWebsocketConsumer[Meet | MeetAll | Change | Join]):
    """People."""

    @handler
    async def meet(self, message: Meet) -> Meet:
        return message

    @handler
    async def meet_all(self, message: MeetAll) -> MeetAll:
        return message

    @handler
    async def change(self, message: Change) -> None: ...

    @handler
    async def join(self, message: Join) -> Join:
        return message


PERSON = {"full_name": "a", "password": "s", "home": {"street_name": "x"}}


def test_the_document_is_valid_and_without_problems() -> None:
    document = described(People)
    assert list(validate(document)) == []


@pytest.mark.parametrize("oas_version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("split", [True, False])
def test_the_two_directions(oas_version: str, *, split: bool) -> None:
    with patched_settings({"OAS_VERSION": oas_version, "COMPONENT_SPLIT_REQUEST": split}):
        document = described(People)
    received = schema_of(document, f"{HERE}.PersonSerializer")
    assert received["title"] == "Person"
    assert "created_at" not in received["properties"]
    assert received["required"] == ["full_name", "password"]
    assert received["properties"]["full_name"] == {"type": "string", "minLength": 1}
    assert received["properties"]["home"] == {
        "anyOf": [{"$ref": f"#/components/schemas/{HERE}.LineSerializer"}, {"type": "null"}]
    }
    sent = schema_of(document, f"{HERE}.PersonSerializer-sent")
    assert "password" not in sent["properties"]
    assert sent["required"] == ["created_at", "full_name"]
    assert sent["properties"]["full_name"] == {"type": "string"}
    assert sent["properties"]["created_at"] == {"type": "string", "format": "date-time"}


def test_what_both_directions_have_in_common_is_one_component() -> None:
    class Number(serializers.Serializer[Any]):
        number = serializers.IntegerField()

    class Numbered(BaseMessage):
        """A number."""

        action: Literal["numbered"] = "numbered"
        payload: SerializedBy[Number]

    class Numbers(OpenMixin, AsyncJsonWebsocketConsumer[Numbered]):
        """Numbers."""

        @handler
        async def numbered(self, message: Numbered) -> Numbered:
            return message

    schemas = described(Numbers)["components"]["schemas"]
    assert [key for key in schemas if "Number" in key and not key.endswith(("Numbered", "Numbered-sent"))] == [
        f"{HERE}.test_what_both_directions_have_in_common_is_one_component.Number"
    ]


@pytest.mark.parametrize(
    ("frame", "valid"),
    [
        ({"action": "meet", "payload": PERSON}, True),
        ({"action": "meet", "payload": {**PERSON, "home": None, "favourite_color": None}}, True),
        ({"action": "meet", "payload": {**PERSON, "favourite_color": "red", "nick_name": ""}}, True),
        ({"action": "meet", "payload": {**PERSON, "favourite_color": "green"}}, False),
        ({"action": "meet", "payload": {**PERSON, "full_name": ""}}, False),
        ({"action": "meet", "payload": {**PERSON, "home": {}}}, False),
        ({"action": "meet", "payload": {**PERSON, "lines_by_key": {"k": {"street_name": "x"}}}}, True),
        ({"action": "meet", "payload": {**PERSON, "lines_by_key": {"k": {}}}}, False),
        ({"action": "meet", "payload": {**PERSON, "price": "999.99"}}, True),
        ({"action": "meet", "payload": {**PERSON, "price": "1.999"}}, False),
        ({"action": "meet", "payload": {}}, False),
        ({"action": "meet"}, False),
        ({"action": "meet_all", "payload": [PERSON]}, True),
        ({"action": "meet_all", "payload": []}, False),
        ({"action": "meet_all", "payload": [PERSON] * 6}, False),
        ({"action": "change", "payload": {"full_name": "a"}}, True),
        ({"action": "change", "payload": {"full_name": ""}}, False),
        ({"action": "join"}, True),
        ({"action": "join", "payload": None}, True),
    ],
)
def test_the_document_and_the_runtime_agree(frame: dict[str, Any], *, valid: bool) -> None:
    message_class: type[BaseMessage] = People.spec.messages[frame["action"]]
    document = described(People)
    assert payload_validator(document, f"{HERE}.{message_class.__name__}").is_valid(frame) == valid
    try:
        message_class.model_validate(frame)
    except ValueError:
        assert not valid
    else:
        assert valid


def test_a_partial_one_is_a_component_of_its_own() -> None:
    schemas = described(People)["components"]["schemas"]
    assert "required" not in schemas[f"{HERE}.PersonSerializer-partial"]
    assert schemas[f"{HERE}.PersonSerializer"]["required"]


@override_chanx_settings(CAMELIZE=True, MESSAGE_ACTION_KEY="kind")
def test_keys_on_the_wire() -> None:
    document = described(People)
    person = schema_of(document, f"{HERE}.PersonSerializer")
    assert person["required"] == ["fullName", "password"]
    assert set(person["properties"]) >= {"fullName", "nickName", "favouriteColor", "allLines", "linesByKey"}
    assert set(schema_of(document, f"{HERE}.LineSerializer")["properties"]) == {"streetName", "houseNumber"}
    assert list(validate(document)) == []


@pytest.fixture
def _forgotten_enum_names() -> Iterator[None]:
    """drf-spectacular reads its setting once."""
    plumbing: Any = import_module("drf_spectacular.plumbing")
    plumbing._load_enum_name_overrides.cache_clear()
    yield
    plumbing._load_enum_name_overrides.cache_clear()


@pytest.mark.usefixtures("_forgotten_enum_names")
def test_enums_have_the_names_that_the_project_gives_them() -> None:
    with patched_settings({"ENUM_NAME_OVERRIDES": {"HueEnum": f"{HERE}.Color"}}):
        choice = schema_of(described(People), f"{HERE}.PersonSerializer")["properties"]["favourite_color"]
    assert choice["anyOf"][0] == {"title": "HueEnum", "type": "string", "enum": ["red", "blue"]}
    assert "Warm" in choice["description"]


def test_other_enums_are_named_by_where_they_are() -> None:
    choice = schema_of(described(People), f"{HERE}.PersonSerializer")["properties"]["favourite_color"]
    assert choice["anyOf"][0]["title"] == "PersonFavouriteColor"


def consumer_of(payload: Any) -> Any:
    """A consumer that receives and sends messages with a payload of this type."""

    class Message(BaseMessage):
        """A message."""

        action: Literal["message"] = "message"
        payload: Any

    class Typed(Message):
        """A message."""

        __annotations__ = {"payload": payload}

    class Consumer(OpenMixin, AsyncJsonWebsocketConsumer[Typed]):
        """A consumer."""

        @handler
        async def message(self, message: Typed) -> Typed:
            return message

    return Consumer


class Made(serializers.Serializer[Any]):
    with_type = serializers.SerializerMethodField()
    with_serializer = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.DATE)
    def get_with_type(self, instance: Any) -> Any: ...

    @extend_schema_field(LineSerializer)
    def get_with_serializer(self, instance: Any) -> Any: ...


def test_what_methods_make_keeps_its_keys() -> None:
    """The runtime cannot know that a method has used a serializer."""
    with override_chanx_settings(CAMELIZE=True):
        schemas = described(consumer_of(SerializedBy[Made]))["components"]["schemas"]
    assert schemas[f"{HERE}.Made"]["properties"] == {
        "withType": {"type": "string", "format": "date"},
        "withSerializer": {"$ref": f"#/components/schemas/{HERE}.LineSerializer-data"},
    }
    assert set(schemas[f"{HERE}.LineSerializer-data"]["properties"]) == {"street_name", "house_number"}


class Vague(serializers.Serializer[Any]):
    something = serializers.SerializerMethodField()

    def get_something(self, instance): ...  # type: ignore[no-untyped-def]  # that is what is tested


class Holder(serializers.Serializer[Any]):
    inner = Vague()


def test_complaints_of_drf_spectacular_are_problems(capsys: pytest.CaptureFixture[str]) -> None:
    GENERATOR_STATS.reset()
    description = describe(service(consumer_of(SerializedBy[Holder])))
    assert codes(description) == ["asyncapi.W013"]
    (problem,) = description.problems
    assert problem.where[-3:] == ("payload", f"{HERE}.Holder", "Vague")
    assert problem.text.startswith("drf-spectacular says: unable to resolve type hint for function")
    # It is told of nothing, and tells nothing.
    assert capsys.readouterr().err == ""
    assert not GENERATOR_STATS


class Missing(serializers.Serializer[Any]):
    something = serializers.SerializerMethodField()


def test_its_errors_are_errors() -> None:
    assert codes(describe(service(consumer_of(SerializedBy[Missing])))) == ["asyncapi.E006"]


class Complaining(serializers.Serializer[Any]):
    """Another thread complains while this one is described."""

    def get_fields(self) -> Any:
        thread = threading.Thread(target=warn, args=("of another thread",))
        thread.start()
        thread.join()
        return {"number": serializers.IntegerField()}


def test_complaints_of_other_threads_stay_where_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert described(consumer_of(SerializedBy[Complaining]))
    assert "of another thread" in capsys.readouterr().err
    GENERATOR_STATS.reset()


class Broken(serializers.Serializer[Any]):
    def get_fields(self) -> Any:
        raise RuntimeError("no fields today")


class Around(serializers.Serializer[Any]):
    inner = Broken()


def test_one_that_breaks_takes_no_other_with_it() -> None:
    description = describe(service(consumer_of(SerializedBy[Around]), consumer_of(SerializedBy[Broken]), People))
    assert set(codes(description)) == {"asyncapi.E002"}
    assert "no fields today" in description.problems[0].text
    assert vars(type(GENERATOR_STATS))["_traces"] == []
    assert f"{HERE}.PersonSerializer" in description.document.to_wire()["components"]["schemas"]


class Nothing(serializers.Serializer[Any]):
    pass


def test_one_without_fields() -> None:
    schemas = described(consumer_of(SerializedBy[Nothing]))["components"]["schemas"]
    (typed,) = (schema for key, schema in schemas.items() if key.endswith(".Typed"))
    assert typed["properties"]["payload"] == {"type": "object"}


class Word(serializers.BaseSerializer[Any]):
    """Has no fields, but an extension that describes it."""


class WordExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # its metaclass has no annotations
    target_class = f"{HERE}.Word"

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return "AnyWord"

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "nullable": True}


def test_extensions_of_drf_spectacular_count() -> None:
    word = schema_of(described(consumer_of(SerializedBy[Word])), f"{HERE}.AnyWord")
    assert word == {"title": "AnyWord", "anyOf": [{"type": "string"}, {"type": "null"}]}


@extend_schema_serializer(component_name="Called", exclude_fields=("hidden",))
class Decorated(serializers.Serializer[Any]):
    shown = serializers.CharField(required=False)
    hidden = serializers.CharField(required=False)


def test_decorators_of_drf_spectacular_count() -> None:
    decorated = schema_of(described(consumer_of(SerializedBy[Decorated])), f"{HERE}.Decorated")
    assert decorated["title"] == "Called"
    assert list(decorated["properties"]) == ["shown"]


class Tree(serializers.Serializer[Any]):
    name = serializers.CharField()

    def get_fields(self) -> Any:
        return {**super().get_fields(), "children": Tree(many=True, required=False)}


def test_one_that_holds_its_own_kind() -> None:
    tree = schema_of(described(consumer_of(SerializedBy[Tree])), f"{HERE}.Tree")
    assert tree["properties"]["children"]["items"] == {"$ref": f"#/components/schemas/{HERE}.Tree"}
    consumer = consumer_of(SerializedBy[Tree])
    leaf: dict[str, Any] = {"name": "leaf"}
    consumer.spec.messages["message"].model_validate({"payload": {"name": "root", "children": [leaf]}})


def test_two_of_one_name() -> None:
    def make() -> Any:
        class Same(serializers.Serializer[Any]):
            field = serializers.CharField()

        return Same

    description = describe(
        service(consumer_of(Annotated[make(), Serialized()]), consumer_of(Annotated[make(), Serialized()]))
    )
    assert set(codes(description)) == {"asyncapi.E003"}
