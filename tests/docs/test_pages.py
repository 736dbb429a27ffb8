"""What holds for all pages: whoever adds code to one also runs it, and no link leads nowhere."""

import re

import pytest

from tests.docs.pages import ROOT, Block, blocks
from tests.docs.transcripts import matches

GUIDE = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "guide").glob("*.md"))


def _code(page: str) -> list[Block]:
    try:
        return list(blocks(page))
    except AssertionError:
        return []


@pytest.mark.parametrize("page", GUIDE)
def test_each_page_of_the_guide_has_a_test(page: str) -> None:
    name = page.removeprefix("docs/guide/").removesuffix(".md")
    assert f'PAGE = "{page}"' in (ROOT / "tests" / "docs" / f"test_{name}.py").read_text()


@pytest.mark.parametrize("page", [*GUIDE, "README.md"])
def test_code_is_in_blocks_that_tests_run(page: str) -> None:
    for block in _code(page):
        assert block.language in ("python", "sh", "text", "json", "js", "ini", "yaml", "html", "css", "ts"), block.place
        if block.language == "python":
            assert block.path is not None, f"{block.place}: begin the block with the name of its file"
            compile(block.text, block.place, "exec")


def test_links_of_the_readme_lead_to_files() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", (ROOT / "README.md").read_text())
    assert len(links) > 10
    for link in links:
        assert (ROOT / link).exists(), link


def test_system_checks_are_listed() -> None:
    modules = [path for package in ("chanx", "chanx_asyncapi") for path in (ROOT / package).glob("*checks.py")]
    source = "".join(path.read_text() for path in modules)
    page = (ROOT / "docs" / "reference" / "settings-and-checks.md").read_text()
    ids = set(re.findall(r'id="(chanx\.[EW]\d+)"', source))
    assert ids
    assert ids == set(re.findall(r"`(chanx\.[EW]\d+)`", page))


def test_how_frames_are_compared() -> None:
    assert matches({"a": ["x", 1], "b": "anything"}, {"a": ["x", 1], "b": "…"})
    assert matches("begin, middle, end", "begin…end")
    for received, expected in (
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ([1], [1, 1]),
        (True, 1),
        ("begin", "begin…end"),
        (1, "…"),
    ):
        assert not matches(received, expected)
