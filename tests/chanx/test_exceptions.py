"""The exception tree, and the sentences that its members form."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from chanx import exceptions


def test_the_module_docstring_is_the_tree() -> None:
    documented = re.findall(r"^ {4}(?:│ {3})?[├└]── (\w+)", exceptions.__doc__ or "", re.MULTILINE)
    defined = [
        value.__name__
        for value in vars(exceptions).values()
        if isinstance(value, type) and issubclass(value, exceptions.ChanxError) and value is not exceptions.ChanxError
    ]
    assert sorted(documented) == sorted(defined)


@pytest.mark.parametrize(
    ("error", "also"),
    [
        (exceptions.ConsumerDefinitionError, TypeError),
        (exceptions.MessageDefinitionError, TypeError),
        (exceptions.SettingError, ImproperlyConfigured),
        (exceptions.RoutingError, ImproperlyConfigured),
        (exceptions.GroupMessageError, ValueError),
    ],
)
def test_each_is_a_chanx_error_and_what_python_programmers_expect(
    error: type[exceptions.ChanxError], also: type[Exception]
) -> None:
    assert issubclass(error, exceptions.ChanxError)
    assert issubclass(error, also)


def test_a_definition_error_keeps_facts_and_forms_the_sentence_late() -> None:
    error = exceptions.ConsumerDefinitionError("chat.consumers.Chat", "it is wrong.", "Repair it.")
    assert (error.owner, error.problem, error.way_out) == ("chat.consumers.Chat", "it is wrong.", "Repair it.")
    assert str(error) == "chat.consumers.Chat: it is wrong.\nRepair it."


def test_an_undeclared_message_names_the_three_ways_out() -> None:
    error = exceptions.UndeclaredMessageError("chat.consumers.Chat", "chat.messages.Typing")
    assert (error.owner, error.message_class) == ("chat.consumers.Chat", "chat.messages.Typing")
    assert str(error) == (
        "chat.consumers.Chat sends chat.messages.Typing, which it does not declare; clients cannot know of it.\n"
        "Name it in the return annotation of the @handler that sends it, in `outgoing_messages`, "
        "or in the OG parameter of the consumer."
    )
