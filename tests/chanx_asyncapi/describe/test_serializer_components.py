"""drf-spectacular's components in one direction: their names, and what surrounds them."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from drf_spectacular.settings import patched_settings
from rest_framework import serializers

from chanx_asyncapi.describe.serializer_components import Direction, SerializerComponents


class Text(serializers.Serializer[Any]):
    """A text."""

    some_text = serializers.CharField()
    blank_text = serializers.CharField(allow_blank=True)


class PersonalSerializer(serializers.Serializer[Any]):
    """Has the fields that the user may see."""

    def get_fields(self) -> Any:
        assert self.context["view"].get_queryset
        return {"user": Text()} if isinstance(self.context["request"].user, AnonymousUser) else {}


def components(direction: Direction = "request", *, camelize: bool = False) -> SerializerComponents:
    return SerializerComponents(direction, camelize=camelize)


def test_a_name_is_a_path_and_a_number() -> None:
    reference = components().schema(Text())["$ref"]
    assert re.fullmatch(rf"#/components/schemas/{re.escape(__name__)}\.Text:\d+", reference)
    assert components("response").schema(Text())["$ref"] == reference
    assert components().schema(Text(many=True)) == {"type": "array", "items": {"$ref": reference}}


def test_partial_ones_have_another_name_when_they_are_received() -> None:
    whole, partial = (components().schema(Text(partial=flag))["$ref"] for flag in (False, True))
    assert re.fullmatch(r".*\.Text-partial:\d+", partial)
    assert whole.rpartition(":")[2] != partial.rpartition(":")[2]
    assert components("response").schema(Text(partial=True))["$ref"] == whole


def test_a_component_is_described_once() -> None:
    made = components()
    made.schema(PersonalSerializer())
    made.schema(Text())
    assert [schema["title"] for schema in made.components().values()] == ["Personal", "Text"]


@pytest.mark.parametrize("direction", ["request", "response"])
def test_serializers_see_a_request(direction: Direction) -> None:
    made = components(direction)
    made.schema(PersonalSerializer())
    (personal, *_) = made.components().values()
    assert list(personal["properties"]) == ["user"]


@pytest.mark.parametrize("enforced", [False, True])
def test_only_what_is_received_must_not_be_blank(*, enforced: bool) -> None:
    with patched_settings({"ENFORCE_NON_BLANK_FIELDS": enforced}):
        lengths: list[list[int | None]] = []
        for made in (components("request"), components("response")):
            made.schema(Text())
            (text,) = made.components().values()
            lengths.append([part.get("minLength") for part in text["properties"].values()])
    assert lengths == [[1, None], [None, None]]


def test_camel_case() -> None:
    made = components(camelize=True)
    made.schema(Text())
    (text,) = made.components().values()
    assert list(text["properties"]) == text["required"][::-1] == ["someText", "blankText"]
