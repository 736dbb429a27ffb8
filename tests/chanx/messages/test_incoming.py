"""The messages that clients may send to any consumer."""

from chanx.messages.incoming import IncomingMessage, PingMessage


def test_a_ping_needs_nothing_but_its_action() -> None:
    assert PingMessage.model_validate_json('{"action":"ping"}') == PingMessage()


def test_incoming_message_is_what_a_consumer_takes_that_takes_nothing_else() -> None:
    assert IncomingMessage is PingMessage
