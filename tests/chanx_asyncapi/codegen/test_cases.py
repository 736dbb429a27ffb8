"""The schema cases are right themselves: their values fit, or do not, whoever reads them."""

from typing import Any

import pytest

from chanx_asyncapi.codegen.lower import lower
from chanx_asyncapi.validation.values import validator
from tests.chanx_asyncapi.codegen.cases import CASES, Case, document, frame

#: prefixItems is of a later draft than the validator, and a circle has no end. Clients read both all the same.
UNREADABLE = {"Prefix", "DefinedByItself"}


@pytest.mark.parametrize("case", [case for case in CASES if case.name not in UNREADABLE], ids=lambda case: case.name)
def test_a_case_means_what_it_says(case: Case) -> None:
    made = document([case])
    payload: dict[str, Any] = made["components"]["messages"][f"{case.name}.in"]["payload"]
    fits = validator(payload, made).is_valid
    assert [value for value in case.valid if not fits(frame(case, value))] == []
    assert [value for value in (*case.invalid, *case.refused) if fits(frame(case, value))] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_types_cannot_say_is_told(case: Case) -> None:
    assert {problem.code for problem in lower(document([case])).problems} == set(case.problems)


def test_the_cases_have_names_of_their_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 57
