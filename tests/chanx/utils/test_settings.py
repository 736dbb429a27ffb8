"""Overriding the settings: decorator and context manager, synchronous and asynchronous."""

import pytest
from django.conf import settings as django_settings
from django.test import SimpleTestCase
from pytest_django import Settings

from chanx.exceptions import SettingError
from chanx.settings import chanx_settings
from chanx.utils.settings import override_chanx_settings


def test_as_a_context_manager_it_keeps_the_other_keys(settings: Settings) -> None:
    settings.CHANX = {"SEND_COMPLETION": True, "INBOX_SIZE": 5}
    with override_chanx_settings(INBOX_SIZE=7):
        assert (chanx_settings.SEND_COMPLETION, chanx_settings.INBOX_SIZE) == (True, 7)
        with override_chanx_settings(SEND_COMPLETION=False):
            assert (chanx_settings.SEND_COMPLETION, chanx_settings.INBOX_SIZE) == (False, 7)
    assert (chanx_settings.SEND_COMPLETION, chanx_settings.INBOX_SIZE) == (True, 5)


@override_chanx_settings(CAMELIZE=True)
def test_as_a_decorator() -> None:
    assert chanx_settings.CAMELIZE


@override_chanx_settings(CAMELIZE=True)
async def test_as_a_decorator_of_a_coroutine_function() -> None:
    assert chanx_settings.CAMELIZE


@override_chanx_settings(MESSAGE_ACTION_KEY="type")
class TestAsClassDecorator(SimpleTestCase):
    def test_every_method_sees_it(self) -> None:
        assert chanx_settings.MESSAGE_ACTION_KEY == "type"

    async def test_asynchronous_methods_too(self) -> None:
        assert chanx_settings.MESSAGE_ACTION_KEY == "type"


def test_it_works_without_any_setting_in_the_project(settings: Settings) -> None:
    del settings.CHANX
    with override_chanx_settings(CAMELIZE=True):
        camelized = chanx_settings.CAMELIZE
    assert camelized
    assert not chanx_settings.CAMELIZE
    assert not hasattr(django_settings, "CHANX")


def test_it_is_undone_when_the_block_raises() -> None:
    with pytest.raises(LookupError), override_chanx_settings(CAMELIZE=True):
        raise LookupError
    assert not chanx_settings.CAMELIZE


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"SEND_COMPLETIONS": True}, r"^CHANX\['SEND_COMPLETIONS'\] is not a setting of chanx; known are ALLOWED_"),
        ({"INBOX_SIZE": "many"}, r"^CHANX\['INBOX_SIZE'\] = 'many': Input should be a valid integer\.$"),
    ],
)
def test_a_wrong_name_or_value_is_refused_and_leaves_nothing_behind(overrides: dict[str, object], problem: str) -> None:
    with pytest.raises(SettingError, match=problem):
        override_chanx_settings(**overrides).enable()
    assert django_settings.CHANX == {}
