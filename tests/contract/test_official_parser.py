"""What the official parser says about the demo and the torture service: nothing."""

from collections.abc import Callable

import pytest

from chanx_asyncapi.spec import Version
from tests.contract.documents import demo, torture
from tests.contract.npm_parser import diagnostics


@pytest.mark.parametrize("other_wire", [False, True])
def test_the_torture_service_has_no_diagnostic(*, other_wire: bool) -> None:
    assert diagnostics(torture(other_wire=other_wire)) == []


def test_the_demo_in_yaml_has_no_diagnostic() -> None:
    assert diagnostics(demo(format="yaml")) == []


@pytest.mark.parametrize("document", [demo, torture])
def test_an_older_version_is_hinted_at_and_nothing_else(document: Callable[[Version], str]) -> None:
    (hint,) = diagnostics(document("3.0.0"))

    assert (hint.severity, hint.code, hint.path) == ("information", "asyncapi-latest-version", ("asyncapi",))
    assert "3.1.0" in hint.message
