"""What the text of a frame says about a request."""

import json
from typing import Any

import pytest

from chanx.deduplication.frames import ReceivedRequest, content_of, digest_of, mentions_retry, recorded, request_id


def received(limit: int = 100) -> ReceivedRequest:
    request = ReceivedRequest(frame_id=1, digest="d", retry=None, limit=limit)
    request.is_recorded = True
    return request


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ('{"action": "a", "retry": "x"}', True),
        ('{"action": "a", "\\u0072etry": "x"}', True),
        ('{"action": "a", "payload": "retry"}', True),
        ('{"action": "retries"}', False),
    ],
)
def test_nothing_is_parsed_unless_the_key_may_be_there(text: str, mentions: bool) -> None:
    assert mentions_retry(text) is mentions


@pytest.mark.parametrize("text", ["", "[]", "1", "{", '"\\ud800"', "null"])
def test_what_is_no_object_says_nothing(text: str) -> None:
    assert content_of(text) is None


@pytest.mark.parametrize(
    "same",
    [
        '{"action":"say","payload":{"a":1,"b":[1.5,"é"]},"id":1}',
        '{ "id" : 1, "payload": {"b": [1.5, "\\u00e9"], "a": 1}, "action": "say" }',
    ],
)
def test_the_digest_is_of_what_is_said(same: str) -> None:
    content: dict[str, Any] = {"action": "say", "payload": {"a": 1, "b": [1.5, "é"]}, "id": 1}
    assert digest_of(content_of(same) or {}) == digest_of(content)


@pytest.mark.parametrize(
    "other",
    [
        {"action": "say", "payload": {"a": "1"}},
        {"action": "say", "payload": {"a": 1.5}},
        {"action": "say", "payload": {"a": 1}, "more": None},
        {"action": "say", "payload": {"b": 1}},
        {"action": "says", "payload": {"a": 1}},
        {"action": "say", "payload": {"a": [1]}},
    ],
)
def test_another_frame_has_another_digest(other: dict[str, Any]) -> None:
    assert digest_of(other) != digest_of({"action": "say", "payload": {"a": 1}})


def test_a_number_and_a_text_are_two_ids() -> None:
    assert request_id(1) != request_id("1")
    assert len(request_id("x" * 64)) <= 72


def test_replies_are_recorded_as_they_were_sent() -> None:
    request = received()
    for text in ('{"a":"é\\n"}', ""):
        request.record({"type": "websocket.send", "text": text})
    replies = request.replies()
    assert replies is not None
    assert recorded(replies) == ['{"a":"é\\n"}', ""]
    assert json.loads(replies) == recorded(replies)


def test_what_is_sent_outside_of_the_handler_is_no_reply() -> None:
    request = received()
    request.is_recorded = False
    request.record({"text": "x"})
    assert request.replies() == "[]"


def test_too_much_is_not_recorded_and_takes_no_memory() -> None:
    request = received(limit=10)
    for _ in range(3):
        request.record({"text": "x" * 9})
    assert request.replies() is None
    assert len(request._replies) == 1  # pyright: ignore[reportPrivateUsage]  # tested from inside


def test_a_binary_reply_cannot_be_kept() -> None:
    request = received()
    request.record({"bytes": b"x"})
    assert request.replies() is None
