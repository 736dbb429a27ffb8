"""Problems speak one line each, and their codes are in order."""

import re

import pytest

from chanx_asyncapi.problems import Code, Problem


def test_a_problem_says_code_place_text_and_way_out() -> None:
    problem = Problem(
        code="asyncapi.W003",
        where=("urls", "ChatConsumer", "ping"),
        text="no docstring: the operation will have no description.",
        way_out="Write one.",
    )
    assert str(problem) == (
        "asyncapi.W003 [urls > ChatConsumer > ping] no docstring: the operation will have no description. Write one."
    )


def test_a_problem_of_the_whole_document_has_no_place() -> None:
    problem = Problem(code=Code.NO_SERVERS, where=(), text="No server.", way_out="Add one.")
    assert str(problem) == "asyncapi.E201 No server. Add one."


def test_a_problem_stays_on_its_line_and_does_not_steer_the_terminal() -> None:
    problem = Problem(code="a.E001", where=("a\nb",), text="\x1b[31mred\u2028é", way_out="")
    assert str(problem) == "a.E001 [a\\nb] \\x1b[31mred\\u2028é"


@pytest.mark.parametrize(
    ("code", "severity"),
    [(Code.NO_SERVERS, "error"), (Code.UNUSED_COMPONENT, "warning"), ("Eager.W1", "warning"), ("Wide.E1", "error")],
)
def test_the_letter_of_the_code_is_the_severity(code: str, severity: str) -> None:
    assert Problem(code=code, where=(), text="", way_out="").severity == severity


def test_codes_have_one_form_and_none_is_used_twice() -> None:
    assert all(re.fullmatch(r"asyncapi\.[EW]\d{3}", code) for code in Code)
    assert len({code.value for code in Code}) == len(Code.__members__)  # two names for one code would be an alias
