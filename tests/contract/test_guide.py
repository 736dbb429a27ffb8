"""The versions of other people's tools in the guide are those that the tests run."""

import json
import re

from tests.docs.pages import ROOT


def test_the_versions_are_those_that_are_installed() -> None:
    page = (ROOT / "docs" / "guide" / "document.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([^`]+)` \| (\d[^ |]+) \|", page, re.MULTILINE))

    installed: dict[str, str] = json.loads((ROOT / "tests" / "package.json").read_text())["devDependencies"]
    constraints = (ROOT / ".ci" / "constraints.txt").read_text()
    installed |= dict(re.findall(r"^(datamodel-code-generator)==(.+)$", constraints, re.MULTILINE))
    assert len(told) == 5
    assert told.items() <= installed.items()
