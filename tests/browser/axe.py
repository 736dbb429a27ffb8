"""axe-core: what stands in the way of people who see, hear or point otherwise."""

from typing import Final

from playwright.sync_api import Page

from tests.contract.npm_parser import NODE_MODULES

SCRIPT: Final = NODE_MODULES / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[str]:
    """A line for each violation of the page as it is shown now, with the first place where it was found.

    The script runs in the page but is not part of it: the policy of the page does not apply.
    """
    page.evaluate(SCRIPT.read_text())
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{each['id']}: {each['help']}; {len(each['nodes'])} of them, first {each['nodes'][0]['target']}: "
        f"{each['nodes'][0]['failureSummary']}"
        for each in found["violations"]
    ]
