"""The golden document against the official validators, and against the golden transcripts of the wire."""

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from chanx.close_codes import CLOSE_CODES
from chanx_asyncapi.validation import validate
from tests.conftest import Golden
from tests.contract.npm_parser import diagnostics
from tests.contract.transcript import Transcript, transcripts

DOCUMENT = (Golden.folder / "asyncapi.json").read_text(encoding="utf-8")

#: Values that stand for the placeholders of transcripts.
SAMPLES = {"<integer>": 1, "<text>": "text", "<hex>": "0" * 32, "<datetime>": "2026-01-01T00:00:00Z"}

#: The frames that a client with default settings exchanges with the demo itself.
OF_THE_DEMO = [
    each
    for each in transcripts()
    if not {"CAMELIZE", "MESSAGE_ACTION_KEY", "SEND_COMPLETION"} & set(each.settings)
    and not any("/ws/wire/" in step.get("path", "") for step in each.steps)
]


def test_official_json_schema_accepts_it() -> None:
    assert [str(problem) for problem in validate(json.loads(DOCUMENT))] == []


def test_official_parser_has_nothing_to_say() -> None:
    assert diagnostics(DOCUMENT) == []


@pytest.mark.parametrize("transcript", OF_THE_DEMO, ids=lambda each: each.name)
def test_frames_of_the_wire_are_in_the_document(transcript: Transcript) -> None:
    """Each frame that the server sends fits the payload schema of the message of its channel with that action."""
    document = json.loads(DOCUMENT)
    paths = {step["open"]: step["path"] for step in transcript.steps if "open" in step}
    checked = 0
    for step in transcript.steps:
        if "to" in step and "frame" in step:
            frame = _fill(step["frame"])
            schema = _payload_schema(document, paths[step["to"]], frame["action"])
            errors = [error.message for error in Draft7Validator(schema).iter_errors(frame)]
            assert errors == [], f"{frame} does not fit the document"
            checked += 1
        elif "to" in step:
            assert step["close"] in CLOSE_CODES
            assert step["close"] in [code["code"] for code in document["x-close-codes"]]
            checked += 1
    assert checked


def test_a_frame_that_the_document_lacks_is_seen() -> None:
    """The check above can fail: a key that is missing, and an action that nobody described."""
    document = json.loads(DOCUMENT)
    schema = _payload_schema(document, "/ws/chat/{lobby}/", "posted")
    assert list(Draft7Validator(schema).iter_errors({"action": "posted", "payload": {}}))
    with pytest.raises(KeyError):
        _payload_schema(document, "/ws/chat/{lobby}/", "danced")


def _payload_schema(document: dict[str, Any], path: str, action: str) -> dict[str, Any]:
    """The schema of a message, its references resolvable inside the whole document."""
    start = path.split("{", maxsplit=1)[0].removesuffix("999999/")
    (channel,) = (each for each in document["channels"].values() if each["address"].startswith(start))
    message = _resolve(document, channel["messages"][action]["$ref"])
    return {**document, **message["payload"]}


def _resolve(document: dict[str, Any], reference: str) -> Any:
    value: Any = document
    for key in reference.removeprefix("#/").split("/"):
        value = value[key]
    return value


def _fill(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _fill(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item) for item in value]
    return SAMPLES.get(value, value) if isinstance(value, str) else value
