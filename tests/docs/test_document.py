"""The page on the document: its commands, its views, and who may read them, in the tutorial's project."""

import json
import urllib.error
import urllib.request
from types import ModuleType

import pytest
import yaml
from django.core.management import BaseCommand, load_command_class

from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.conversations import Frame
from chanx_asyncapi.describe.schemas import describe_schemas
from tests.docs.conftest import TUTORIAL
from tests.docs.pages import ROOT, blocks
from tests.docs.project import Project, commands

PAGE = "docs/guide/document.md"


def _get(url: str) -> tuple[int, str, str]:
    """Status, content type and body of an answer."""
    try:
        with urllib.request.urlopen(url, timeout=20) as response:
            return response.status, response.headers["Content-Type"], response.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers["Content-Type"], refused.read().decode()


def test_commands_and_views(tutorial: Project) -> None:
    tutorial.write(blocks(PAGE, language="python"))
    generate, check, named, alone = blocks(PAGE, language="sh")
    as_json, as_yaml, to_output = commands(generate)
    tutorial.run_line(as_json, PAGE)
    tutorial.run_line(as_yaml, PAGE)
    document = json.loads((tutorial.folder / "asyncapi.json").read_text())
    assert yaml.safe_load((tutorial.folder / "asyncapi.yaml").read_text()) == document
    older = yaml.safe_load(tutorial.run_line(to_output, PAGE))
    assert (document["asyncapi"], older["asyncapi"]) == ("3.1.0", "3.0.0")
    _check_texts(document)

    tutorial.run_line(named.text, PAGE)
    public = json.loads((tutorial.folder / "public.json").read_text())
    assert public["info"]["title"] == "Tea party for partners"
    assert list(public["servers"]) == ["production", "sandbox"]
    assert public["channels"].keys() == document["channels"].keys()

    tutorial.run(check)
    validated, *_ = (tutorial.run_line(line, PAGE) for line in commands(alone))
    assert validated == "Errors: 0, warnings: 0.\n"
    assert json.loads((tutorial.folder / "service.json").read_text()) == document

    # A message that nobody describes is a warning, and the step of continuous integration fails.
    messages = tutorial.folder / "rooms" / "groups.py"
    messages.write_text(messages.read_text().replace('    """Somebody in the room has said something."""\n', ""))
    with pytest.raises(
        AssertionError, match=r"(?s)-.+Somebody in the room has said something.+asyncapi\.W004.+is stale"
    ):
        tutorial.run(check)

    (serve,) = [block for block in blocks(TUTORIAL, language="sh") if block.text.startswith("uvicorn")]
    urls = tutorial.folder / "config" / "urls.py"
    urls.write_text(urls.read_text() + "\nurlpatterns.append(path('', include('config.admin_urls')))\n")
    with tutorial.serve(serve) as address:
        for path, kind in (("asyncapi.json", "application/json"), ("asyncapi.yaml", "application/yaml")):
            status, content_type, body = _get(f"http://{address}/{path}")
            assert (status, content_type.partition(";")[0]) == (200, kind)
            assert yaml.safe_load(body)["servers"]["default"]["host"] == address
        status, _, page = _get(f"http://{address}/ws-docs/")
        assert status == 200
        assert 'data-document-url="/asyncapi.json"' in page
        for path in ("internal/api.json", "internal/api/"):
            assert _get(f"http://{address}/{path}")[0] == 403

    settings = tutorial.folder / "config" / "settings.py"
    settings.write_text(settings.read_text() + "\nDEBUG = False\nALLOWED_HOSTS = ['127.0.0.1']\n")
    with tutorial.serve(serve) as address:
        assert _get(f"http://{address}/ws-docs/")[0] == 403
        assert _get(f"http://{address}/asyncapi.json")[0] == 403
        # The named document is for everybody.
        served = json.loads(_get(f"http://{address}/asyncapi/public.json")[2])
        assert (served["info"], served["servers"]) == (public["info"], public["servers"])
        assert yaml.safe_load(_get(f"http://{address}/asyncapi/public/?format=yaml")[2]) == served
        assert 'data-document-url="/asyncapi/public.json"' in _get(f"http://{address}/ws-docs/public/")[2]


def _check_texts(document: dict[str, object]) -> None:
    """The table "What the texts come from", and the keys named after it."""
    text = json.dumps(document)
    for expected in ("Tea party", "Talk with the other members of a room.", "Passes a text on to the others."):
        assert expected in text, expected
    assert {"x-envelope", "x-close-codes"} <= document.keys()
    assert '"x-permissions": ["rest_framework.permissions.IsAuthenticated", "rooms.permissions.IsMember"]' in text
    assert '"maxLength": 500' in text
    assert '"x-subprotocol"' in text


def test_examples() -> None:
    (code,) = blocks(PAGE, language="python", heading="Examples")
    (shown,) = blocks(PAGE, language="json", heading="Examples")
    module = ModuleType("rooms.votes")
    exec(code.text, vars(module))
    frames = [Frame(module.Vote, "received"), Frame(module.Ask, "received")]
    found = describe_schemas(frames, WireFormat())

    assert found.problems == ()
    assert [[example.payload for example in found.frames[frame].examples] for frame in frames] == [
        [json.loads(shown.text)],
        [{"action": "ask", "payload": "Shall we move one place on?"}],
    ]


def test_the_options_of_the_command() -> None:
    parser = load_command_class("chanx_asyncapi", "generate_asyncapi").create_parser("manage.py", "generate_asyncapi")
    page = (ROOT / PAGE).read_text()
    named = {line.split("`")[1].split()[0] for line in page.splitlines() if line.startswith("| `--")}
    of_django = BaseCommand().create_parser("manage.py", "any")
    common = {option for action in of_django._actions for option in action.option_strings}
    own = {action.option_strings[0] for action in parser._actions if action.option_strings[0] not in common}
    assert named == own
