"""Each frame of docs/protocol.md, on real servers, with a real client."""

import pytest

from tests.contract.transcript import Transcript, play, transcripts
from tests.servers import RedisServer, ServerKind, Servers

ALL = transcripts()

#: What goes through the channel layer, and so must be the same on every one.
LAYERED = [each for each in ALL if each.name in ("channel_event", "group_message", "reply_to")]


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
@pytest.mark.parametrize("transcript", ALL, ids=lambda each: each.name)
async def test_frames(transcript: Transcript, kind: ServerKind, servers: Servers) -> None:
    await play(transcript, servers.start(kind, chanx=transcript.settings, DJANGO_DEBUG="0"))


@pytest.mark.parametrize("layer", ["redis", "redis+pubsub"])
@pytest.mark.parametrize("transcript", LAYERED, ids=lambda each: each.name)
async def test_frames_over_redis(transcript: Transcript, layer: str, servers: Servers, redis: RedisServer) -> None:
    url = redis.url.replace("redis://", f"{layer}://")
    await play(transcript, servers.start("uvicorn", channel_layer=url, DJANGO_DEBUG="0"))


def test_the_throttled_transcript_is_played_once_a_server() -> None:
    """Its throttle lets one client in a day: a second run on one server would see another frame first."""
    assert [each.name for each in ALL].count("throttled") == 1
