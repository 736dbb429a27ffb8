"""From documents to the model: the demo's, that of the torture service, and those of others."""

import copy
import json
from pathlib import Path
from typing import Any, Final

import pytest

from chanx_asyncapi.codegen.lower import Lowered, lower
from chanx_asyncapi.codegen.model import Api, Channel, Choice, Number, Object, Sending, Text, Unknown
from chanx_asyncapi.source import UnsupportedVersionError
from tests.chanx_asyncapi.codegen.cases import CASES, document, obj
from tests.contract.documents import torture

GOLDEN: Final = Path(__file__).parents[2] / "golden" / "asyncapi.json"


def demo() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(GOLDEN.read_text())
    return made


def channel(api: Api, key: str) -> Channel:
    return next(each for each in api.channels if each.key == key)


def sending(found: Channel, action: str) -> Sending:
    return next(each for each in found.sends if action in each.message.actions)


def names(lowered: Lowered) -> dict[str, str]:
    return {key: each.name for key, each in lowered.api.definitions.items()}


def test_the_client_sends_what_the_server_receives() -> None:
    lowered = lower(demo())
    chat = channel(lowered.api, "chat")

    assert lowered.problems == ()
    assert [action for each in chat.sends for action in each.message.actions] == [
        "post_message",
        "set_typing",
        "fetch_history",
        "ping",
    ]
    assert {action for each in chat.receives for action in each.message.actions} == {
        *("posted", "refused", "error", "history", "pong"),
        *("authentication", "announcement", "removed", "message_posted", "user_typing"),
        *("presence", "presence_changed"),
    }
    assert chat.authentication is not None
    assert (chat.name, chat.address, chat.query, chat.resumable) == ("Chat", "/ws/chat/{pk}/", None, True)
    assert chat.parameters[0].type == Number(integer=True, minimum=0)


def test_answers_and_errors_are_told_apart() -> None:
    chat = channel(lower(demo()).api, "chat")
    post, typing = sending(chat, "post_message"), sending(chat, "set_typing")

    assert [each.actions for each in post.replies] == [("posted",), ("refused",)]
    assert [each.actions for each in post.errors] == [("error",)]
    assert (post.completion, post.streams) == (None, False)
    assert typing.replies == ()


def test_completion_and_streams_are_known() -> None:
    api = lower(json.loads(torture(other_wire=True))).api
    strict = sending(channel(api, "everything"), "strict")

    assert strict.streams
    assert strict.completion is not None
    assert [each.actions for each in strict.replies] == [("chunk",)]
    assert (api.envelope.action_key, api.envelope.reply_to_key) == ("type", "replyTo")


def test_security_is_that_of_the_channel() -> None:
    api = lower(demo()).api
    chat, assistant = channel(api, "chat"), channel(api, "assistant")

    assert [scheme.key for scheme in chat.security] == ["tokenAuth", "cookieAuth"]
    subprotocol = chat.security[0].subprotocol
    assert subprotocol is not None
    assert (subprotocol.select, subprotocol.prefix) == ("chanx.v1", "Token")
    assert not chat.security_optional
    assert assistant.security_optional


def test_a_credential_in_the_query_is_no_part_of_the_query() -> None:
    api = lower(json.loads(torture())).api
    query = api.definitions["#/channels/queries.1/query"]

    assert isinstance(query.type, Object)
    assert "api_key" not in {each.name for each in query.type.properties}
    assert query.name == "Queries1Query"
    assert channel(api, "queries.1").query_optional is False
    assert channel(api, "queries.3").query is None


def test_close_codes_are_those_of_the_document() -> None:
    codes = {each.code: each for each in lower(demo()).api.close_codes}

    assert codes[1012].twin == 4012
    assert {code: each.retry for code, each in codes.items() if code in (1012, 4401, 4403, 4429)} == {
        1012: "backoff",
        4401: "after_token_refresh",
        4403: "no",
        4429: "after_retry_after",
    }


def test_a_property_has_what_its_schema_says() -> None:
    page = lower(demo()).api.definitions["chat.messages.HistoryRequest"].type

    assert isinstance(page, Object)
    limit = page.properties[1]
    assert limit.type == Number(integer=True, minimum=1, maximum=100)
    assert (limit.name, limit.required, limit.default, limit.description) == ("limit", False, 20, "At most this many.")
    assert page.properties[0].default is None


def test_the_torture_service_needs_no_guess() -> None:
    lowered = lower(json.loads(torture()))

    assert lowered.problems == ()
    assert len({each.name for each in lowered.api.definitions.values()}) == len(lowered.api.definitions)


def test_the_same_data_has_the_same_hash_in_any_order() -> None:
    turned = {key: demo()[key] for key in reversed(demo())}

    assert lower(turned).api.sha256 == lower(demo()).api.sha256
    turned["info"] = {**turned["info"], "version": "2"}
    assert lower(turned).api.sha256 != lower(demo()).api.sha256


def test_a_message_more_renames_nothing() -> None:
    before = demo()
    after = copy.deepcopy(before)
    # With the same class name, in an application that comes first.
    schema = copy.deepcopy(after["components"]["schemas"]["chat.messages.PostMessage"])
    after["components"]["schemas"]["aaa.messages.PostMessage"] = schema
    after["components"]["messages"]["aaa.messages.PostMessage"] = {
        "name": "post_message",
        "payload": {"$ref": "#/components/schemas/aaa.messages.PostMessage"},
    }
    after["channels"] = {
        "aaa": {
            "address": "/aaa/",
            "messages": {"post_message": {"$ref": "#/components/messages/aaa.messages.PostMessage"}},
        },
        **after["channels"],
    }
    after["operations"]["aaa.receive"] = {"action": "receive", "channel": {"$ref": "#/channels/aaa"}}

    old, new = names(lower(before)), names(lower(after))

    assert {key: new[key] for key in old} == old
    assert new["aaa.messages.PostMessage"] == "AaaPostMessage"


def test_what_is_inside_of_a_schema_is_called_after_it() -> None:
    api = lower(document([case for case in CASES if case.name == "InlineObjects"])).api
    found = {each.name for each in api.definitions.values()}

    assert {"InlineObjectsIn", "InlineObjectsInPayload", "InlineObjectsInPayloadA", "InlineObjectsInPayloadAB"} <= found
    assert "InlineObjectsInPayloadABCItem" in found


def test_a_message_that_nothing_tells_from_others_is_left_out() -> None:
    made = document([])
    made["components"]["messages"]["told"]["payload"] = obj(action={"type": "string"})

    lowered = lower(made)

    assert [(problem.code, problem.where) for problem in lowered.problems] == [("asyncapi.E501", ("messages", "told"))]
    assert channel(lowered.api, "telling").receives == ()


def test_a_reference_that_leads_nowhere_is_anything() -> None:
    made = document([])
    made["components"]["messages"]["told"]["payload"] = obj(
        "action", action={"const": "told"}, a={"$ref": "#/nowhere"}, b={"$ref": "https://example.com/x.json"}
    )

    lowered = lower(made)

    frame = lowered.api.definitions["#/messages/told"].type
    assert isinstance(frame, Object)
    assert [each.type for each in frame.properties] == [Choice(values=("told",)), Unknown(), Unknown()]
    assert [problem.code for problem in lowered.problems] == ["asyncapi.E103", "asyncapi.E103"]


@pytest.mark.parametrize("broken", [None, [], "x", {"a": 1}, {"type": "x"}, {"allOf": [1]}, {"enum": 5}, {"type": {}}])
def test_what_is_no_schema_is_no_crash(broken: Any) -> None:
    made = document([])
    made["components"]["messages"]["told"]["payload"]["properties"]["broken"] = broken

    frame = lower(made).api.definitions["#/messages/told"].type

    assert isinstance(frame, Object)
    assert [each.name for each in frame.properties] == ["action", "reply_to", "broken"]


@pytest.mark.parametrize("section", ["channels", "operations", "components", "servers", "x-envelope", "x-close-codes"])
@pytest.mark.parametrize("value", [None, [], {}, "x", {"a": None}, {"a": 1}, [1]])
def test_a_broken_section_is_no_crash(section: str, value: Any) -> None:
    assert lower({**demo(), section: value}).api.title == "Chanx demo"


def test_without_its_extensions_a_document_has_the_usual_keys_and_no_correlation() -> None:
    api = lower({key: value for key, value in demo().items() if not key.startswith("x-")}).api

    assert (api.envelope.action_key, api.envelope.payload_key) == ("action", "payload")
    assert (api.envelope.id_key, api.envelope.reply_to_key) == (None, None)
    assert api.close_codes == ()


def test_another_version_is_refused() -> None:
    with pytest.raises(UnsupportedVersionError, match=r"\"2\.6\.0\", and only 3\.x is understood"):
        lower({**demo(), "asyncapi": "2.6.0"})


def test_a_parameter_without_schema_is_a_text() -> None:
    cases = channel(lower(document([])).api, "cases")

    assert cases.parameters[0].type == Text()


@pytest.mark.parametrize(
    ("said", "window"),
    [
        ({"window": 300}, 300),
        ({"window": 0.5}, 0.5),
        ({"window": 0}, None),
        ({"window": -1}, None),
        ({"window": True}, None),
        ({"window": "300"}, None),
        ({"window": float("inf")}, None),
        ({}, None),
        (None, None),
        (True, None),
    ],
)
def test_what_may_be_sent_again(said: Any, window: float | None) -> None:
    described = demo()
    (key,) = [key for key in described["operations"] if key == "chat.receive.post_message"]
    described["operations"][key]["x-deduplication"] = said
    described["operations"]["chat.send.message_posted"]["x-deduplication"] = {"window": 300}
    (chat,) = [channel for channel in lower(described).api.channels if channel.key == "chat"]
    found = {each.key: each.repeatable_for for each in chat.sends}
    assert found.pop(key) == window
    assert set(found.values()) == {None}


def test_the_name_of_a_client_is_no_affair_of_its_user() -> None:
    described = demo()
    # A service without a history has the word to itself.
    described["channels"]["chat"]["x-resume"] = {"supported": False}
    schema = {"type": "object", "properties": {"action": {"const": "positions"}}, "required": ["action"]}
    reference = {"$ref": "#/channels/chat/messages/positions"}
    described["channels"]["chat"]["messages"]["positions"] = {"payload": schema}
    described["operations"]["chat.send.positions"] = {
        "action": "send",
        "channel": {"$ref": "#/channels/chat"},
        "messages": [reference],
    }

    def received() -> set[str]:
        (chat,) = [channel for channel in lower(described).api.channels if channel.key == "chat"]
        return {action for each in chat.receives for action in each.message.actions}

    assert "positions" in received()
    described["operations"]["chat.receive.post_message"]["x-deduplication"] = {"window": 300}
    assert "positions" not in received()
