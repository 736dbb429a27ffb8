"""The page on security: its settings exist, and its check-list is what the system checks walk."""

import re
from typing import Any

from chanx import security_checks
from chanx.settings import ChanxSettings, Setting
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()

#: What has nothing to do with it.
OTHERS = {
    "MESSAGE_ACTION_KEY",
    "CAMELIZE",
    "SEND_COMPLETION",
    "SEND_MESSAGE_IMMEDIATELY",
    "SEND_AUTHENTICATION_MESSAGE",
    "DRAIN_SECONDS",
    "UNDECLARED_MESSAGES",
    "LOG_RECEIVED_MESSAGE",
    "LOG_SENT_MESSAGE",
    "LOG_IGNORED_ACTIONS",
    "WEBSOCKET_BASE_URL",
    "SERVERS",
    "INFO",
    "DOCUMENTS",
    "PAGE",
    "HISTORY",
    "ASYNCAPI_PREPROCESSING_HOOKS",
    "ASYNCAPI_POSTPROCESSING_HOOKS",
    "SILENCED_PROBLEMS",
}


def test_every_setting_that_guards_is_in_the_table() -> None:
    declared = {name for name, value in vars(ChanxSettings).items() if isinstance(value, Setting)}
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1])}
    assert named == declared - OTHERS


def test_the_numbers_are_the_defaults() -> None:
    settings: Any = ChanxSettings
    for name, shown in (
        ("SESSION_RECHECK_SECONDS", "300"),
        ("TOKEN_EXPIRY_GRACE_SECONDS", "30"),
        ("MAX_CONNECTIONS_PER_USER", "100"),
        ("MAX_GROUPS_PER_CONNECTION", "1000"),
        ("MAX_FRAME_RATE", "1000"),
        ("INBOX_SIZE", "32"),
        ("HANDLER_TIMEOUT", "300"),
        ("MAX_REPORTED_ERRORS", "20"),
        ("LOG_RECORDS_PER_MINUTE", "600"),
    ):
        (row,) = [line for line in PAGE.splitlines() if line.startswith("| `") and f"`{name}`" in line]
        assert re.search(rf"\b{shown}\b", row), row
        assert vars(settings)[name].default == float(shown)


def test_each_check_is_on_the_list() -> None:
    codes = set(re.findall(r"chanx\.W1\d\d", security_checks.__doc__ or ""))
    assert codes == set(re.findall(r"`(chanx\.W1\d\d)`", PAGE))
    assert "`chanx.W007`" in PAGE
