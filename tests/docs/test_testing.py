"""The page on tests: its tests pass in the tutorial's project, and fail when the consumer is wrong."""

from importlib.metadata import entry_points

import pytest

from tests.docs.pages import blocks
from tests.docs.project import Project

PAGE = "docs/guide/testing.md"


def test_the_tests_of_the_page(tutorial: Project) -> None:
    project = tutorial
    project.write(blocks(PAGE, language="python"))
    project.write(blocks(PAGE, language="ini"))
    django, with_pytest = blocks(PAGE, language="sh")
    assert "Ran 3 tests" in project.run(django)

    # Where chanx is not installed, but found in the repository, nobody tells pytest of the plugin.
    installed = any(entry.value == "chanx.pytest_plugin" for entry in entry_points(group="pytest11"))
    command = with_pytest.text.strip() + ("" if installed else " -p chanx.pytest_plugin")
    assert "2 passed" in project.run_line(command, PAGE)

    (project.folder / "rooms" / "test_forgetful.py").write_text(FORGETFUL)
    assert "2 passed" in project.run_line(command + " rooms/test_forgetful.py", PAGE)

    consumers = project.folder / "rooms" / "consumers.py"
    consumers.write_text(consumers.read_text().replace("isupper()", "islower()"))
    with pytest.raises(AssertionError, match="test_no_shouting"):
        project.run_line(command, PAGE)


#: What the page says of its forgetful consumer.
FORGETFUL = """
import pytest

from chanx.exceptions import UndeclaredMessageError
from rooms.forgetful import ForgetfulConsumer


async def test_undeclared(websocket):
    client = websocket("/", ForgetfulConsumer.as_asgi())
    await client.connect()
    await client.assert_authenticated_status_ok()
    with pytest.raises(UndeclaredMessageError, match="outgoing_messages"):
        await client.receive_json_from()


async def test_declared_nothing(websocket):
    class Old(ForgetfulConsumer):
        outgoing_messages = None

    client = websocket("/", Old.as_asgi())
    await client.connect()
    await client.assert_authenticated_status_ok()
    assert (await client.receive_json_from())["action"] == "refused"
"""
