"""The schema cases in Python, at run time: what fits is taken and sent as it came, what does not fit is refused."""

import json
from types import ModuleType
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tests.chanx_asyncapi.codegen.cases import CASES, Case, frame

#: What a validator refuses and Python's models take: keywords for which there are no types (docs/guide/clients.md).
TAKEN = {"PatternProperties", "PropertyNames", "Conditional", "Not"}
#: The first member that fits is taken: what only another one declares is not kept.
NOT_KEPT = {"Overlapping"}


@pytest.fixture(scope="module")
def received(cases: ModuleType) -> dict[str, TypeAdapter[Any]]:
    described = cases.CasesClient._description.received
    return {action: TypeAdapter(kind) for action, kind in described.items()}


def read(adapter: TypeAdapter[Any], case: Case, value: Any) -> Any:
    return adapter.validate_json(json.dumps(frame(case, value)), by_alias=True, by_name=False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_fits_is_taken_and_sent_as_it_came(case: Case, received: dict[str, TypeAdapter[Any]]) -> None:
    for value in case.valid:
        message = read(received[case.name], case, value)
        if case.name not in NOT_KEPT:
            assert message.to_wire() == frame(case, value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_does_not_fit_is_refused(case: Case, received: dict[str, TypeAdapter[Any]]) -> None:
    values = case.invalid if case.name in TAKEN else [*case.invalid, *case.refused]
    for value in values:
        with pytest.raises(ValidationError):
            print(f"{value!r} was taken as {read(received[case.name], case, value)!r}")


def test_what_comes_has_the_names_of_the_wire(cases: ModuleType) -> None:
    decoder = cases.runtime.decoding.Decoder(cases.CasesClient._description)
    words = dict.fromkeys(next(case for case in CASES if case.name == "ReservedWords").valid[0], 1)
    assert decoder.decode("ReservedWords", json.dumps({"action": "ReservedWords", "payload": words}))
    words["class_"] = words.pop("class")
    with pytest.raises(cases.InvalidFrame, match=r"payload\.class: Field required"):
        decoder.decode("ReservedWords", json.dumps({"action": "ReservedWords", "payload": words}))


def test_every_case_has_its_message(cases: ModuleType) -> None:
    assert {case.name for case in CASES} == cases.CasesClient._description.received.keys()
