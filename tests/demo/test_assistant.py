"""The assistant: what it answers, and how the answer travels."""

import asyncio
from collections.abc import Iterator

import pytest
from django.test import override_settings

from assistant import consumers
from assistant.answers import answer, sections, tokens
from assistant.messages import Ask, AskPayload
from assistant.throttling import ConnectThrottle
from chanx.testing import WebsocketCommunicator
from demo.seed import BOB
from tests.demo.conftest import Connect, Rest

PATH = "/ws/assistant/"


async def ask(client: WebsocketCommunicator, question: str) -> None:
    await client.send_message(Ask(payload=AskPayload(question=question)))


async def ready(client: WebsocketCommunicator) -> str:
    """The session of a new connection."""
    frame = await client.receive_json_from()
    assert frame["action"] == "ready"
    session: str = frame["payload"]["session"]
    return session


class TestAnswers:
    def test_each_section_is_found_by_its_title(self) -> None:
        assert len(sections()) == 10
        for section in sections():
            assert answer(section.title) == section.text

    @pytest.mark.parametrize(
        ("question", "title"),
        [
            ("How do I log in?", "Logging in"),
            ("Where is my password", "Logging in"),
            ("Why was my connection closed with 4403?", "Being refused"),
            ("can i write messages in a room", "Chat rooms"),
            ("I want to cancel this answer", "Stopping an answer"),
            ("Is there an AsyncAPI specification?", "The document"),
            ("several worker processes", "Redis"),
            ("Hello!", "Who you are talking to"),
        ],
    )
    def test_other_words_lead_there_too(self, question: str, title: str) -> None:
        texts = {section.title: section.text for section in sections()}
        assert answer(question) == texts[title]

    @pytest.mark.parametrize("question", ["zebra", "?!", "Wie spät ist es?"])
    def test_what_it_does_not_know_it_says(self, question: str) -> None:
        assert answer(question).startswith("I know nothing about that.")
        assert "chat rooms" in answer(question)

    def test_tokens_are_the_text_again(self) -> None:
        for section in sections():
            assert len(tokens(section.text)) == len(section.text.split())
            assert "".join(tokens(section.text)) == section.text


class TestStreaming:
    async def test_anybody_gets_an_answer_piece_by_piece(self, connect: Connect) -> None:
        client = await connect(PATH)
        await ready(client)

        await client.send_json_to({"action": "ask", "payload": {"question": "Redis?"}, "id": "q"})
        frames = await client.receive_until_action("done", inclusive=True)

        *pieces, done = frames
        assert {frame["action"] for frame in pieces} == {"token"}
        assert [frame["payload"]["index"] for frame in pieces] == list(range(len(pieces)))
        assert "".join(frame["payload"]["text"] for frame in pieces) == answer("Redis?")
        assert done["payload"] == {"reason": "complete", "tokens": len(pieces)}
        assert {frame["reply_to"] for frame in frames} == {"q"}

    async def test_two_questions_are_answered_in_order(self, connect: Connect) -> None:
        client = await connect(PATH, BOB)
        await ready(client)
        for question in ("Redis?", "Hello!"):
            await ask(client, question)

        for question in ("Redis?", "Hello!"):
            frames = await client.receive_until_action("done")
            assert "".join(frame["payload"]["text"] for frame in frames) == answer(question)

    @override_settings(ASSISTANT_TOKEN_DELAY=0.01)
    async def test_the_session_stops_its_answer_and_no_other(self, connect: Connect, rest: Rest) -> None:
        stopped, other = await connect(PATH), await connect(PATH)
        session = await ready(stopped)
        await ready(other)
        for client in (stopped, other):
            await ask(client, "Redis?")
        first = await stopped.receive_json_from()

        response = await rest(None).post(f"/api/assistant/{session}/stop/")

        assert response.status_code == 202
        *more, done = await stopped.receive_until_action("done", inclusive=True)
        assert done["payload"] == {"reason": "stopped", "tokens": 1 + len(more)}
        assert answer("Redis?").startswith("".join(frame["payload"]["text"] for frame in [first, *more]))
        assert done["payload"]["tokens"] < len(tokens(answer("Redis?")))
        assert (await other.receive_until_action("done", inclusive=True))[-1]["payload"]["reason"] == "complete"
        # The next question is answered to the end again.
        await ask(stopped, "Hello!")
        assert (await stopped.receive_until_action("done", inclusive=True))[-1]["payload"]["reason"] == "complete"

    @override_settings(ASSISTANT_TOKEN_DELAY=0.01)
    async def test_a_disconnect_ends_the_answer(self, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
        taken: list[str] = []

        def endless(text: str) -> Iterator[str]:
            while True:
                taken.append(text)
                yield text

        monkeypatch.setattr(consumers, "tokens", endless)
        client = await connect(PATH)
        await ready(client)
        await ask(client, "Redis?")
        await client.receive_json_from()

        await client.disconnect()

        count = len(taken)
        assert count > 0
        await asyncio.sleep(0.05)
        assert len(taken) == count


async def test_too_many_connections_are_refused(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConnectThrottle, "rate", "2/min", raising=False)
    for _ in range(2):
        await connect(PATH)

    client = await connect(PATH, expect=429)

    await client.assert_closed(4429)
    # Users are counted apart from their address.
    await connect(PATH, BOB)
