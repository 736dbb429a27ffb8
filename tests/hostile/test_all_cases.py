"""Each case of the list has a test that is named by its number, wherever it is."""

import re
from typing import Final

from tests.servers import ROOT

#: How many the list has: frames 1 to 25, authentication to 41, load and life cycle to 60, documents and pages to 65.
CASES: Final = 65

#: Cases whose tests are named otherwise, because they are about more: where they are.
ELSEWHERE: Final = {
    37: ("tests/chanx/generic/test_admitting.py", "test_a_permission_that_was_taken_away"),
    54: ("tests/chanx/test_mailbox.py", "test_memberships_are_renewed_before_the_layer_forgets_them"),
}


def test_each_case_has_a_test() -> None:
    numbered = {
        int(number)
        for file in (ROOT / "tests").rglob("test_*.py")
        if "node_modules" not in file.parts
        for number in re.findall(r"^ *(?:async )?def test_case_(\d\d)_", file.read_text(), re.MULTILINE)
    }
    for number, (path, name) in ELSEWHERE.items():
        assert f"def {name}(" in (ROOT / path).read_text(), number
    assert numbered | ELSEWHERE.keys() == set(range(1, CASES + 1))
