"""Errors of serializers: stable codes, places, and no value that a client has sent."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from pytest_django import Settings
from rest_framework import serializers

from chanx.messages.serializer_errors import SerializerError, serializer_errors
from chanx.messages.serializer_keys import camel_keys_of

#: What no text may repeat.
SECRET = "t0p-s3cr3t"


class Line(serializers.Serializer[Any]):
    street_name = serializers.CharField(max_length=3)
    zip_codes = serializers.ListField(child=serializers.IntegerField(min_value=10), required=False)


def refuse(value: Any) -> None:
    raise serializers.ValidationError("Not polite.", code="impolite")


class Person(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, validators=[refuse])
    home = Line(required=False)
    lines = Line(many=True, required=False)
    by_key = serializers.DictField(child=Line(), required=False)

    def validate(self, attrs: Any) -> Any:
        if "name" not in attrs:
            raise serializers.ValidationError("Somebody is missing.")
        return attrs


def errors_of(serializer: serializers.BaseSerializer[Any], *, camel: bool = False) -> list[SerializerError]:
    assert not serializer.is_valid()
    return list(serializer_errors(serializer, camel_keys_of if camel else lambda _: {}))


def test_codes_and_places(settings: Settings) -> None:
    settings.REST_FRAMEWORK = {"LIST_SERIALIZER_ERRORS_AS_DICT": True}
    line: dict[str, Any] = {"street_name": "long", "zip_codes": [11, "x", 9]}
    errors = errors_of(
        Person(data={"name": "x", "home": line, "lines": [{"street_name": "x"}, {}], "by_key": {"k": 1}})
    )
    assert [(code, place) for code, place, _ in errors] == [
        ("impolite", ("name",)),
        ("max_length", ("home", "street_name")),
        ("invalid", ("home", "zip_codes", 1)),
        ("min_value", ("home", "zip_codes", 2)),
        ("required", ("lines", 1, "street_name")),
        ("invalid", ("by_key", "k")),
    ]
    assert errors[0][2] == "Not polite."
    assert errors[1][2] == "Ensure this field has no more than 3 characters."


@pytest.mark.parametrize("camel", [False, True])
def test_keys_on_the_wire(*, camel: bool) -> None:
    [error, *_] = errors_of(Person(data={"home": {}}), camel=camel)
    assert error[1] == ("home", "streetName" if camel else "street_name")


def test_errors_of_the_whole_have_the_place_of_the_whole(settings: Settings) -> None:
    settings.REST_FRAMEWORK = {"LIST_SERIALIZER_ERRORS_AS_DICT": True, "NON_FIELD_ERRORS_KEY": "__all__"}
    assert errors_of(Person(data={})) == [("invalid", (), "Somebody is missing.")]
    assert errors_of(Person(data=None)) == [("null", (), "No data provided")]
    assert [place for _, place, _ in errors_of(Person(data=[{}, {}], many=True))] == [(0,), (1,)]
    assert [code for code, _, _ in errors_of(Person(data={}, many=True))] == ["not_a_list"]


def test_a_field_may_be_called_like_the_errors_of_the_whole() -> None:
    class Odd(serializers.Serializer[Any]):
        non_field_errors = serializers.IntegerField()

    assert errors_of(Odd(data={})) == [("required", ("non_field_errors",), "This field is required.")]


@pytest.mark.parametrize(("code", "found"), [(None, "invalid"), (7, "7"), ("own", "own")])
def test_codes_are_texts(code: Any, found: str) -> None:
    def refuse_oddly(value: Any) -> None:
        raise serializers.ValidationError([serializers.ErrorDetail("No.", code=code)])

    class Odd(serializers.Serializer[Any]):
        field = serializers.CharField(validators=[refuse_oddly])

    assert errors_of(Odd(data={"field": "x"})) == [(found, ("field",), "No.")]


def test_the_list_with_an_entry_for_each_item() -> None:
    serializer = Person(data=[], many=True)
    vars(serializer)["_errors"] = [{}, {"name": [serializers.ErrorDetail("No.", code="no")]}]
    assert list(serializer_errors(serializer, lambda _: {})) == [("no", (1, "name"), "No.")]


class Echoing(serializers.Serializer[Any]):
    """Every way in which DRF and Django put a value into a text."""

    choice = serializers.ChoiceField(["a"], required=False)
    choices = serializers.MultipleChoiceField(choices=["a"], required=False)
    choice_list = serializers.ListField(child=serializers.ChoiceField(["a"]), required=False)
    own_text = serializers.ChoiceField(["a"], required=False, error_messages={"invalid_choice": "No {input}, please"})
    pk = serializers.PrimaryKeyRelatedField(queryset=Group.objects.all(), required=False)
    pks = serializers.PrimaryKeyRelatedField(queryset=Group.objects.all(), many=True, required=False)
    slug = serializers.SlugRelatedField(queryset=Group.objects.all(), slug_field="name", required=False)
    model_field = serializers.ModelField(models.IntegerField(), required=False)
    regex = serializers.CharField(
        required=False, validators=[RegexValidator("^$", message="“%(value)s” does not match")]
    )
    length = serializers.CharField(required=False, validators=[MaxLengthValidator(2)])
    raised = serializers.CharField(required=False)

    def validate_raised(self, value: Any) -> None:
        self.fields["choice"].fail("invalid_choice", input=value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "code", "text"),
    [
        ("choice", SECRET, "invalid_choice", '"…" is not a valid choice.'),
        ("choice", '" is not a valid choice.' + SECRET, "invalid_choice", '"…" is not a valid choice.'),
        ("choices", [SECRET], "invalid_choice", '"…" is not a valid choice.'),
        ("choices", SECRET, "not_a_list", 'Expected a list of items but got type "str".'),
        ("choice_list", [SECRET], "invalid_choice", '"…" is not a valid choice.'),
        ("own_text", SECRET, "invalid_choice", "No …, please"),
        ("pk", 987654, "does_not_exist", 'Invalid pk "…" - object does not exist.'),
        ("pk", SECRET, "incorrect_type", "Incorrect type. Expected pk value, received str."),
        ("pks", [987654], "does_not_exist", 'Invalid pk "…" - object does not exist.'),
        ("slug", SECRET, "does_not_exist", "Object with …=… does not exist."),
        ("model_field", SECRET, "invalid", "“…” value must be an integer."),
        ("regex", SECRET, "invalid", "“…” does not match"),
        ("length", SECRET, "max_length", "Ensure this value has at most 2 characters (it has 10)."),
        ("raised", SECRET, "invalid_choice", '"…" is not a valid choice.'),
    ],
)
def test_no_text_repeats_a_value(field: str, value: Any, code: str, text: str) -> None:
    [(found, place, msg)] = errors_of(Echoing(data={field: value}))
    assert (found, place[0]) == (code, field)
    assert msg == text
    assert SECRET not in msg
    assert "987654" not in msg


def test_a_text_that_is_nothing_but_the_value() -> None:
    class Bare(serializers.Serializer[Any]):
        choice = serializers.ChoiceField(["a"], error_messages={"invalid_choice": "{input}"})

    assert errors_of(Bare(data={"choice": SECRET})) == [("invalid_choice", ("choice",), "…")]


class Tree(serializers.Serializer[Any]):
    """Holds its own kind."""

    def get_fields(self) -> Any:
        kind = serializers.ChoiceField(["leaf"])
        return {"kind": kind, "children": Tree(many=True, required=False)}


def test_one_that_holds_its_own_kind(settings: Settings) -> None:
    settings.REST_FRAMEWORK = {"LIST_SERIALIZER_ERRORS_AS_DICT": True}
    tree = {"kind": "leaf", "children": [{"kind": "leaf", "children": [{"kind": SECRET}]}]}
    place = ("children", 0, "children", 0, "kind")
    assert errors_of(Tree(data=tree)) == [("invalid_choice", place, '"…" is not a valid choice.')]


@pytest.mark.parametrize("language", ["de", "zh-hans"])
def test_nor_in_another_language(settings: Settings, language: str) -> None:
    settings.LANGUAGE_CODE = language
    [(_, _, msg)] = errors_of(Echoing(data={"choice": SECRET}))
    assert SECRET not in msg
    assert "…" in msg
