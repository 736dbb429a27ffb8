"""Credentials in addresses do not reach the log."""

import logging
import logging.config
import time
from typing import Any

import pytest

from chanx.redaction import RedactQueryFilter


def redacted(message: Any, *args: Any, parameters: tuple[str, ...] = ()) -> str:
    given = args[0] if len(args) == 1 and isinstance(args[0], dict) else args
    record = logging.LogRecord("uvicorn.error", logging.INFO, "", 0, message, given, None)
    assert RedactQueryFilter(parameters=parameters).filter(record) is True
    return record.getMessage()


@pytest.mark.parametrize(
    "name",
    ["ticket", "token", "access_token", "Authorization", "jwt", "api_key", "X-Amz-Signature", "sessionid", "tick%65t"],
)
def test_the_value_of_a_credential_is_replaced(name: str) -> None:
    address = f"/ws/chat/?limit=5&{name}=s3cr.et%2B-_~"
    assert redacted('%s - "WebSocket %s" [accepted]', ("127.0.0.1", 1), address) == (
        f"('127.0.0.1', 1) - \"WebSocket /ws/chat/?limit=5&{name}=[redacted]\" [accepted]"
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("/?token=a&token=b#c", "/?token=[redacted]&token=[redacted]#c"),
        ('"GET /?a=1&token=x HTTP/1.1" 200', '"GET /?a=1&token=[redacted] HTTP/1.1" 200'),
        ("/?token=", "/?token="),
        ("/?q=token&page=2", "/?q=token&page=2"),
        ("no address at all, token=x", "no address at all, token=x"),
    ],
)
def test_what_is_replaced(message: str, expected: str) -> None:
    assert redacted(message) == expected


def test_other_names_may_be_given() -> None:
    assert redacted("/?who=me&where=here", parameters=("who",)) == "/?who=[redacted]&where=here"


def test_every_form_of_arguments_is_looked_at() -> None:
    assert redacted("%(path)s %(status)d", {"path": "/?token=x", "status": 200}) == "/?token=[redacted] 200"
    assert redacted("%s %d", "/?token=x", 200) == "/?token=[redacted] 200"
    assert redacted("nothing") == "nothing"
    assert redacted("/?token=%s&page=%d", "x", 2) == "/?token=[redacted]&page=2"
    assert redacted(ValueError("an object")) == "an object"


@pytest.mark.parametrize("address", ["?key" * 20_000, "?" + "key" * 20_000, "?key=" * 20_000, "&token=x" * 20_000])
def test_the_time_is_linear(address: str) -> None:
    """What a stranger asks for is in the log, too. CPU seconds, and forty times what it takes."""
    start = time.process_time()
    redacted(address)
    assert time.process_time() - start < 2


def test_the_arguments_of_an_access_log_stay_what_they_were() -> None:
    args = ("127.0.0.1:1", "GET", "/?token=x", "1.1", 200)
    record = logging.LogRecord("uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d', args, None)
    RedactQueryFilter().filter(record)
    assert record.args == ("127.0.0.1:1", "GET", "/?token=[redacted]", "1.1", 200)


def test_a_record_that_does_not_fit_together_is_let_through() -> None:
    record = logging.LogRecord("any", logging.INFO, "", 0, "%d", ("/?token=x",), None)
    assert RedactQueryFilter().filter(record) is True


def test_it_is_made_by_django_s_logging(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("tests.redaction")
    configuration = {
        "version": 1,
        "incremental": False,
        "disable_existing_loggers": False,
        "filters": {"redact": {"()": "chanx.redaction.RedactQueryFilter", "parameters": ["who"]}},
        "loggers": {"tests.redaction": {"filters": ["redact"], "level": "INFO"}},
    }
    logging.config.dictConfig(configuration)
    logger.info("/?who=%s&token=%s", "me", "x")
    assert caplog.messages[-1] == "/?who=[redacted]&token=[redacted]"
