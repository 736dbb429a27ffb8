"""What the demo's code makes is what the golden files hold."""

import json

from chanx_asyncapi.describe import describe
from chanx_asyncapi.render import render
from tests.conftest import Golden


def test_document_of_the_demo(golden: Golden) -> None:
    description = describe()
    assert [str(problem) for problem in description.problems] == []
    golden.check("asyncapi.json", render(description.document, format="json"))


def test_document_holds_every_extension_that_clients_rely_on() -> None:
    """docs/protocol.md names them; a client that was generated from the document needs each."""
    document = json.loads((Golden.folder / "asyncapi.json").read_text(encoding="utf-8"))
    assert {"x-close-codes", "x-envelope"} <= set(document)
    for channel in document["channels"].values():
        assert {"x-permissions", "x-resume"} <= set(channel)
    token = document["components"]["securitySchemes"]["tokenAuth"]
    assert token["x-subprotocol"]["select"] == "chanx.v1"
