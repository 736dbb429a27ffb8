"""Problems as commands tell them."""

import pytest

from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.reporting import UnknownCodeError, is_code, report


def problem(code: str) -> Problem:
    return Problem(code=code, where=(), text="it is wrong.", way_out="Repair it.")


ERROR, WARNING, OWN = problem(Code.NO_SERVERS), problem(Code.UNDESCRIBED_MESSAGE), problem("shop.W001")


@pytest.mark.parametrize(
    ("silence", "told", "counts", "fails", "fails_on_warnings"),
    [
        ((), (ERROR, WARNING, OWN), "Errors: 1, warnings: 2.", True, True),
        (("asyncapi.E201",), (WARNING, OWN), "Errors: 0, warnings: 2, silenced: 1.", False, True),
        (("asyncapi.E201", "asyncapi.W004", "shop.W001"), (), "Errors: 0, warnings: 0, silenced: 3.", False, False),
        (("asyncapi.W302",), (ERROR, WARNING, OWN), "Errors: 1, warnings: 2.", True, True),
    ],
)
def test_silenced_problems_are_not_told_and_fail_nothing(
    silence: tuple[str, ...], told: tuple[Problem, ...], counts: str, fails: bool, fails_on_warnings: bool
) -> None:
    found = report([ERROR, WARNING, OWN], silence)

    assert found.problems == told
    assert str(found) == counts
    assert found.fails(on_warnings=False) == fails
    assert found.fails(on_warnings=True) == fails_on_warnings


@pytest.mark.parametrize("code", [*Code, "shop.W001", "my.shop.E12"])
def test_codes(code: str) -> None:
    assert is_code(code)


@pytest.mark.parametrize("code", ["", "W004", "asyncapi.W999", "asyncapi.w004", "asyncapi", "shop.X1", "a b.W1"])
def test_no_codes(code: str) -> None:
    assert not is_code(code)
    with pytest.raises(UnknownCodeError) as refusal:
        report([], ["asyncapi.W004", code])
    assert str(refusal.value).startswith(f"{code!r} is the code of no problem; ")
