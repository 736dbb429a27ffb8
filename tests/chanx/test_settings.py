"""The settings: their defaults, read late, and checked."""

import inspect
import re

import pytest
from django.utils.functional import lazystr
from pytest_django import Settings

import chanx.settings
from chanx.exceptions import SettingError
from chanx.settings import ChanxSettings, Setting, chanx_settings

DEFAULTS = {
    "MESSAGE_ACTION_KEY": "action",
    "CAMELIZE": False,
    "SEND_COMPLETION": False,
    "SEND_MESSAGE_IMMEDIATELY": True,
    "SEND_AUTHENTICATION_MESSAGE": True,
    "AUTHENTICATE_BEFORE_ACCEPT": False,
    "ALLOWED_ORIGINS": None,
    "INBOX_SIZE": 32,
    "MAX_REPORTED_ERRORS": 20,
    "UNDECLARED_MESSAGES": None,
    "LOG_RECEIVED_MESSAGE": True,
    "LOG_SENT_MESSAGE": True,
    "LOG_IGNORED_ACTIONS": (),
    "WEBSOCKET_BASE_URL": None,
    "SERVERS": {},
    "INFO": {},
    "DOCUMENTS": {},
    "DOCUMENT_PERMISSION_CLASSES": None,
    "SILENCED_PROBLEMS": (),
}


@pytest.mark.parametrize(("name", "default"), DEFAULTS.items())
def test_the_defaults(name: str, default: object) -> None:
    assert getattr(chanx_settings, name) == default


def test_every_setting_has_its_reason_above_it() -> None:
    source = inspect.getsource(chanx.settings)
    declared = [name for name, value in vars(ChanxSettings).items() if isinstance(value, Setting)]
    assert set(DEFAULTS) <= set(declared)
    explained = re.findall(r"#: [^\n]+\n {4}([A-Z_]+) = Setting\[", source)
    assert explained == declared


def test_settings_are_read_at_the_moment_of_use(settings: Settings) -> None:
    settings.CHANX = {"INBOX_SIZE": 1}
    assert chanx_settings.INBOX_SIZE == 1
    settings.CHANX = {"INBOX_SIZE": 2}
    assert chanx_settings.INBOX_SIZE == 2
    del settings.CHANX
    assert chanx_settings.INBOX_SIZE == 32


def test_a_project_as_it_should_be_has_no_problems(settings: Settings) -> None:
    settings.CHANX = {**DEFAULTS, "ALLOWED_ORIGINS": ["https://a.example"], "LOG_IGNORED_ACTIONS": ["ping"]}
    assert chanx_settings.problems() == []
    chanx_settings.refuse_problems()


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("CAMELIZE", "yes", "Input should be a valid boolean"),
        ("MESSAGE_ACTION_KEY", 1, "Input should be a valid string"),
        ("INBOX_SIZE", 1.5, "Input should be a valid integer"),
        ("UNDECLARED_MESSAGES", "explode", "Input should be 'raise', 'log' or 'ignore'"),
    ],
)
def test_a_wrong_value_is_named(settings: Settings, name: str, value: object, problem: str) -> None:
    settings.CHANX = {name: value}
    assert chanx_settings.problems() == [f"CHANX[{name!r}] = {value!r}: {problem}."]


@pytest.mark.parametrize(
    ("configured", "problems"),
    [
        ({"LOG_IGNORED_ACTIONS": ["a", 1]}, ["CHANX['LOG_IGNORED_ACTIONS'][1] = 1: Input should be a valid string."]),
        (
            {"LOG_IGNORED_ACTIONS": "ping"},
            ["CHANX['LOG_IGNORED_ACTIONS'] = 'ping': 'str' instances are not allowed as a Sequence value."],
        ),
        ({"INFO": {"TITEL": "Shop"}}, ["CHANX['INFO']['TITEL'] = 'Shop': Extra inputs are not permitted."]),
        ({"SERVERS": {"eu": {}}}, ["CHANX['SERVERS']['eu']['url'] = {}: Field required."]),
        (
            {"DOCUMENTS": {"public": {"APPS": "chat", "INFO": {"TITLE": None}}}},
            [
                "CHANX['DOCUMENTS']['public']['APPS'] = 'chat': 'str' instances are not allowed as a Sequence value.",
                "CHANX['DOCUMENTS']['public']['INFO']['TITLE'] = None: Input should be a valid string.",
            ],
        ),
    ],
)
def test_what_is_wrong_inside_of_a_value_is_named_with_its_place(
    settings: Settings, configured: object, problems: list[str]
) -> None:
    settings.CHANX = configured
    assert chanx_settings.problems() == problems


def test_texts_may_be_translated_lazily(settings: Settings) -> None:
    settings.CHANX = {
        "INFO": {"TITLE": lazystr("Shop")},
        "SERVERS": {"eu": {"url": "wss://eu.example", "description": lazystr("Frankfurt")}},
    }
    assert chanx_settings.problems() == []


def test_an_unknown_name_is_answered_with_the_known_ones(settings: Settings) -> None:
    settings.CHANX = {"SEND_COMPLETE": True}
    (problem,) = chanx_settings.problems()
    start, _, known = problem.partition("; known are ")
    assert start == "CHANX['SEND_COMPLETE'] is not a setting of chanx"
    assert known.rstrip(".").split(", ") == sorted(known.rstrip(".").split(", "))
    assert set(DEFAULTS) <= set(known.rstrip(".").split(", "))


def test_all_problems_are_reported_together(settings: Settings) -> None:
    settings.CHANX = {"CAMELIZE": 1, "INBOX_SIZE": None}
    with pytest.raises(SettingError) as refusal:
        chanx_settings.refuse_problems()
    assert len(str(refusal.value).splitlines()) == 2


def test_the_whole_must_be_a_dictionary(settings: Settings) -> None:
    settings.CHANX = ["CAMELIZE"]
    assert chanx_settings.problems() == ["CHANX must be a dictionary, not list."]


def test_the_class_itself_gives_the_declaration() -> None:
    assert ChanxSettings.INBOX_SIZE.default == 32
    assert ChanxSettings.INBOX_SIZE.name == "INBOX_SIZE"
