"""camelCase keys of serializers: of declared fields at any depth, and of nothing else."""

from typing import Any

import pytest
from rest_framework import serializers

from chanx.messages.serializer_keys import camel_keys_of, from_camel, to_camel


class Line(serializers.Serializer[Any]):
    street_name = serializers.CharField()


class Person(serializers.Serializer[Any]):
    first_name = serializers.CharField()
    home_address = Line()
    more_lines = Line(many=True)
    line_list = serializers.ListField(child=Line())
    lines_by_name = serializers.DictField(child=Line())
    free_data = serializers.JSONField()
    friend_names = serializers.ListField(child=serializers.CharField())
    with_method = serializers.SerializerMethodField()


PYTHON = {
    "first_name": "a_b",
    "home_address": {"street_name": "x"},
    "more_lines": [{"street_name": "x"}, {}],
    "line_list": [{"street_name": "x"}],
    "lines_by_name": {"a_key": {"street_name": "x"}},
    "free_data": {"a_key": {"street_name": 1}},
    "friend_names": ["a_b"],
    "with_method": {"a_key": 1},
    "not_declared": {"a_key": 1},
}
WIRE = {
    "firstName": "a_b",
    "homeAddress": {"streetName": "x"},
    "moreLines": [{"streetName": "x"}, {}],
    "lineList": [{"streetName": "x"}],
    "linesByName": {"a_key": {"streetName": "x"}},
    "freeData": {"a_key": {"street_name": 1}},
    "friendNames": ["a_b"],
    "withMethod": {"a_key": 1},
    "not_declared": {"a_key": 1},
}


def test_there_and_back() -> None:
    assert to_camel(Person(), PYTHON) == WIRE
    assert from_camel(Person(), WIRE) == PYTHON
    assert to_camel(Person(many=True), [PYTHON, {}]) == [WIRE, {}]
    assert from_camel(Person(many=True), [WIRE, {}]) == [PYTHON, {}]


def test_a_name_that_has_another_key_means_nothing() -> None:
    assert from_camel(Person(), {"first_name": "mine", "firstName": "yours"}) == {"first_name": "yours"}
    assert from_camel(Person(), {"first_name": "mine"}) == {}


@pytest.mark.parametrize("data", [None, 1, "text", ["text"], [], True])
def test_what_does_not_fit_stays_as_it_is(data: Any) -> None:
    assert to_camel(Person(), data) is data
    assert from_camel(Person(), data) is data
    wrong = {"home_address": data, "more_lines": data, "lines_by_name": data, "line_list": data}
    assert list(to_camel(Person(), wrong).values()) == [data] * 4


def test_equal_camel_forms() -> None:
    class Twins(serializers.Serializer[Any]):
        first_name = serializers.CharField()
        firstName = serializers.CharField()

    assert camel_keys_of(Twins()) == {"first_name": "first_name", "firstName": "firstName"}
    assert from_camel(Twins(), {"first_name": 1, "firstName": 2}) == {"first_name": 1, "firstName": 2}


def test_a_serializer_without_fields() -> None:
    class Word(serializers.BaseSerializer[Any]):
        pass

    assert to_camel(Word(), {"a_b": 1}) == {"a_b": 1}
