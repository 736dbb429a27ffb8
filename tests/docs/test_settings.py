"""The page on settings has every setting, in the order of the class, with its type and its default."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from chanx import document_settings
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.history_settings import HistorySetting
from chanx.settings import ChanxSettings, Setting
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import describe
from tests.docs.conftest import Load
from tests.docs.pages import ROOT

PAGE = "docs/guide/settings.md"

_SECTION = re.compile(
    r"^### `(?P<name>[A-Z_]+)`\n\nType `(?P<type>[^`]+)`, default `(?P<default>[^`]+)`"
    r"(?:; attribute `(?P<attribute>\w+)`)?\.",
    re.MULTILINE,
)

#: What the types on the page may name.
_NAMES = {
    "Sequence": Sequence,
    "Mapping": Mapping,
    "Literal": Literal,
    "HistorySetting": HistorySetting,
    **vars(document_settings),
}


def test_every_setting_with_its_type_and_default() -> None:
    declared: dict[str, Any] = {
        name: setting for name, setting in vars(ChanxSettings).items() if isinstance(setting, Setting)
    }
    sections = list(_SECTION.finditer((ROOT / PAGE).read_text()))
    assert [section["name"] for section in sections] == list(declared)
    for section in sections:
        setting = declared[section["name"]]
        (expected,) = get_args(setting.__orig_class__)
        assert eval(section["type"], _NAMES) == expected, section["name"]
        assert eval(section["default"]) == setting.default, section["name"]


def test_attributes_that_decide_for_a_class() -> None:
    sections = _SECTION.finditer((ROOT / PAGE).read_text())
    named = {section["attribute"] for section in sections if section["attribute"]}
    settings = {name.lower() for name, value in vars(ChanxSettings).items() if isinstance(value, Setting)}
    # The attribute `history` says how much is kept of a group, the setting where.
    assert named == {name for name in settings - {"history"} if hasattr(AsyncJsonWebsocketConsumer, name)}
    assert all(getattr(AsyncJsonWebsocketConsumer, name) is None for name in named)


def test_the_example_is_valid(monkeypatch: Any, load: Load) -> None:
    from tests.docs.pages import blocks

    (example,) = blocks(PAGE, language="python")
    values: dict[str, Any] = {}
    exec(example.text, values)
    with override_chanx_settings(**values["CHANX"]):
        pass


def test_where_the_command_says_that_the_server_is() -> None:
    (server,) = describe().document.servers.values()
    assert (server.protocol, server.host) == ("ws", "localhost:8000")  # type: ignore[union-attr]  # no reference
