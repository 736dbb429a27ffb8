"""What Spectral's recommended rules say about the demo and the torture service: with our one exception, nothing."""

import json
from typing import Any, Final

import pytest

from tests.contract import npm_parser
from tests.contract.documents import demo, torture
from tests.contract.npm_parser import Diagnostic
from tests.docs.pages import blocks

#: Spectral's rules without an exception.
RECOMMENDED: Final = 'extends: "spectral:asyncapi"\n'


def ours() -> str:
    """The ruleset that the guide recommends."""
    (block,) = blocks("docs/guide/document.md", language="yaml", heading="With other tools")
    return block.text


def findings(document: str, ruleset: str | None = None) -> list[Diagnostic]:
    return npm_parser.findings("spectral.mjs", document, ours() if ruleset is None else ruleset)


def test_the_demo_has_no_finding() -> None:
    assert findings(demo()) == []


def test_the_torture_service_has_no_finding() -> None:
    assert findings(torture()) == []


def test_an_older_version_is_hinted_at_and_nothing_else() -> None:
    assert [(found.severity, found.code) for found in findings(demo("3.0.0"))] == [
        ("information", "asyncapi-latest-version")
    ]


def test_the_one_exception_is_needed() -> None:
    found = findings(demo(), RECOMMENDED)

    assert {each.code for each in found} == {"asyncapi-3-channel-no-trailing-slash"}
    assert {each.severity for each in found} == {"warning"}
    assert len(found) == len(json.loads(demo())["channels"])


@pytest.mark.parametrize(
    ("where", "code"),
    [
        (("info", "description"), "asyncapi-info-description"),
        (("operations", "chat.receive.ping", "description"), "asyncapi-3-operation-description"),
        (("channels", "chat", "messages", "ping"), "invalid-ref"),
        (("servers",), "asyncapi-servers"),
    ],
)
def test_a_fault_is_found(where: tuple[str, ...], code: str) -> None:
    document: Any = json.loads(demo())
    *way, last = where
    parent = document
    for key in way:
        parent = parent[key]
    del parent[last]

    assert code in {found.code for found in findings(json.dumps(document))}
