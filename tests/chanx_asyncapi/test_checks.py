"""The system checks of what the settings say about documents."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings
from rest_framework.permissions import AllowAny, IsAdminUser

from chanx_asyncapi.checks import check_document_settings
from tests.servers import ROOT

ANY = "rest_framework.permissions.AllowAny"
#: As a project may combine DRF's classes.
COMBINED = AllowAny | IsAdminUser
NOT_A_PERMISSION = int


def problems(settings: Settings, chanx: dict[str, Any]) -> list[tuple[str, str]]:
    settings.CHANX = chanx
    found = check_document_settings(None)
    assert all(each.hint for each in found)
    return [(str(each.id), each.msg) for each in found]


def test_django_runs_them(settings: Settings) -> None:
    settings.CHANX = {"SILENCED_PROBLEMS": ["asyncapi.W999"]}

    assert [each.id for each in run_checks(tags=["chanx"]) if str(each.id).startswith("chanx.E1")] == ["chanx.E103"]


def test_a_project_as_it_should_be_has_no_problems(settings: Settings) -> None:
    assert check_document_settings(None) == []
    chanx = {
        "WEBSOCKET_BASE_URL": "wss://a.example",
        "SERVERS": {"eu": {"url": "wss://eu.example/x"}},
        "DOCUMENT_PERMISSION_CLASSES": [ANY, f"{__name__}.COMBINED"],
        "SILENCED_PROBLEMS": ["asyncapi.W004", "shop.W001"],
        "DOCUMENTS": {"public-1": {"APPS": ["chat", "auth"], "PERMISSION_CLASSES": [], "SERVERS": {}}},
    }
    assert problems(settings, chanx) == []


@pytest.mark.parametrize(
    ("chanx", "expected"),
    [
        (
            {"DOCUMENT_PERMISSION_CLASSES": ["nowhere.Class"]},
            (
                "chanx.E101",
                r"CHANX['DOCUMENT_PERMISSION_CLASSES']: 'nowhere.Class' cannot be imported. "
                "ModuleNotFoundError: No module named 'nowhere'",
            ),
        ),
        (
            {"DOCUMENTS": {"a": {"PERMISSION_CLASSES": [ANY, f"{__name__}.NOT_A_PERMISSION"]}}},
            (
                "chanx.E101",
                f"CHANX['DOCUMENTS']['a']['PERMISSION_CLASSES']: '{__name__}.NOT_A_PERMISSION' has no "
                "has_permission().",
            ),
        ),
        (
            {"DOCUMENTS": {"a": {"APPS": ["chat", "chats"]}}},
            ("chanx.E102", "CHANX['DOCUMENTS']['a']['APPS']: No installed app with label 'chats'."),
        ),
        (
            {"SILENCED_PROBLEMS": ["asyncapi.W004", "W004"]},
            ("chanx.E103", "CHANX['SILENCED_PROBLEMS']: 'W004' is the code of no problem."),
        ),
        (
            {"WEBSOCKET_BASE_URL": "a.example"},
            ("chanx.E104", "CHANX['WEBSOCKET_BASE_URL']: 'a.example' is no address of a WebSocket server."),
        ),
        (
            {"SERVERS": {"eu": {"url": ""}}},
            ("chanx.E104", "CHANX['SERVERS']['eu']: '' is no address of a WebSocket server."),
        ),
        (
            {"DOCUMENTS": {"a": {"SERVERS": {"eu": {"url": "mqtt://a"}}}}},
            ("chanx.E104", "CHANX['DOCUMENTS']['a']['SERVERS']['eu']: 'mqtt://a' is no address of a WebSocket server."),
        ),
        ({"DOCUMENTS": {"für alle": {}}}, ("chanx.E105", "CHANX['DOCUMENTS']: 'für alle' can be in no URL.")),
        ({"DOCUMENTS": {"": {}}}, ("chanx.E105", "CHANX['DOCUMENTS']: '' can be in no URL.")),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    settings: Settings, chanx: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert problems(settings, chanx) == [expected]


@pytest.mark.parametrize(
    "chanx",
    [
        {"SERVERS": ["wss://a.example"]},
        {"SERVERS": {"eu": "wss://eu.example"}},
        {"DOCUMENTS": {"a": None}},
        {"DOCUMENTS": {1: {}}},
        {"SILENCED_PROBLEMS": None},
        {"DOCUMENT_PERMISSION_CLASSES": 7},
    ],
)
def test_a_wrong_type_is_told_by_another_check(settings: Settings, chanx: dict[str, Any]) -> None:
    assert problems(settings, chanx) == []
    # Other tests have defined consumers that no route leads to, which is worth a warning.
    assert [each.id for each in run_checks(tags=["chanx"]) if each.is_serious()] == ["chanx.E001"]


def test_a_project_that_only_starts_imports_nothing_that_describes() -> None:
    code = (
        "import sys, django; django.setup(); from chanx_asyncapi.checks import check_document_settings as check;"
        "assert check(None) == []; print([each for each in ('chanx_asyncapi.describe', 'jsonschema') "
        "if each in sys.modules])"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "management"))),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "-c", code]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout == "[]\n"
