"""The recorder sees what consumers send, and says what the document lacks."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict
from pytest_django import Settings

from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from tests.chanx.support import Echo, OpenMixin, Said, Say, connected, say
from tests.recorder import Recorder
from tests.servers import ROOT

#: A program, or a module of tests, with a consumer whose document lacks a field that it sends, and one without fault.
PLANT = """
from typing import Any, Literal
from pydantic import BaseModel, ConfigDict
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.testing import WebsocketCommunicator

class Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra=lambda schema: schema["properties"].pop("hidden"))
    seen: int = 1
    hidden: int = 2

class Told(BaseMessage):
    action: Literal["told"] = "told"
    payload: Payload

class Plain(BaseMessage):
    action: Literal["plain"] = "plain"
    payload: None = None

class Teller(AsyncJsonWebsocketConsumer[PingMessage]):
    authentication_classes = ()
    permission_classes = ()
    outgoing_messages = (Told, Plain)

    async def post_authentication(self):
        await self.send_message(self.message)

class Planted(Teller):
    message = Told(payload=Payload())

class Harmless(Teller):
    message = Plain()

async def talk(consumer):
    client = WebsocketCommunicator(consumer.as_asgi(), "/")
    await client.connect()
    await client.receive_json_from()
    await client.receive_json_from()
    await client.disconnect()
"""


def forget(schema: dict[str, Any]) -> None:
    del schema["properties"]["hidden"]


class Payload(BaseModel):
    """Its schema has lost a field that travels."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=forget)

    seen: int = 1
    hidden: int = 2


class Told(BaseMessage):
    action: Literal["told"] = "told"
    payload: Payload


class Base(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
    outgoing_messages = (Said, Told)

    async def receive_message(self, message: Say, **kwargs: Any) -> None:
        await self.act()

    async def act(self) -> None: ...


class Slow(Echo):
    async def send_json(self, content: dict[str, Any], close: bool | int = False) -> None:
        await super().send_json(content, close)


@pytest.fixture(autouse=True)
def _plain_settings(settings: Settings) -> None:
    settings.CHANX = {}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Recorder]:
    """A recorder of this test alone, beside the one of the session."""
    recorder = Recorder(tmp_path)
    with recorder.recording():
        yield recorder


async def send(act: Any) -> str:
    """Lets a consumer send; its path."""
    consumer: Any = type("Acting", (Base,), {"act": act})
    communicator = await connected(consumer)
    await communicator.send_json_to(say("go"))
    await communicator.receive_output()
    await communicator.disconnect()
    return str(consumer.spec.path)


@pytest.mark.parametrize("consumer", [Echo, Slow])
@pytest.mark.parametrize("chanx", [{}, {"CAMELIZE": True, "MESSAGE_ACTION_KEY": "type", "SEND_COMPLETION": True}])
async def test_described_frames_are_counted(consumer: Any, chanx: Any, settings: Settings, own: Recorder) -> None:
    settings.CHANX = chanx
    communicator = await connected(consumer)
    key = chanx.get("MESSAGE_ACTION_KEY", "action")
    await communicator.send_json_to({key: "say", "payload": "x", "id": 1})
    await communicator.receive_json_from()
    await communicator.disconnect()
    settings.CHANX = {}  # the settings that count are those of the connection
    assert own.complaints() == []
    assert own.checked == {"here": 3 if chanx else 2, "in servers": 0}


@pytest.mark.undescribed_frames("that is what is tested")
async def test_a_field_that_the_schema_has_lost_is_seen(own: Recorder) -> None:
    async def act(self: Base) -> None:
        await self.send_message(Told(payload=Payload()))

    path = await send(act)
    assert own.complaints() == [
        f"{path} has sent what its document lacks: "
        "$.payload: Additional properties are not allowed ('hidden' was unexpected)\n"
        '  {"action":"told","payload":{"seen":1,"hidden":2}}'
    ]


@pytest.mark.undescribed_frames("that is what is tested")
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"action": "sung"}', "no sent message has the action 'sung'; the document has: authentication, error, "),
        ('{"payload": 1}', "no sent message has the action None"),
        ('{"action": ["said"]}', "no sent message has the action ['said']"),
        ('["said"]', "no sent message has the action None"),
        ("OUT {}", "it is no JSON: Expecting value"),
        ('{"action": "said", "payload": NaN}', "it is no JSON: NaN is none of its numbers"),
        ('{"action": "said", "payload": "x", "payload": "y"}', "it is no JSON: a key is there twice"),
    ],
)
async def test_what_else_is_seen(text: str, complaint: str, own: Recorder) -> None:
    async def act(self: Base) -> None:
        await self.send(text_data=text)

    path = await send(act)
    (found,) = own.complaints()
    assert found.startswith(f"{path} has sent what its document lacks: {complaint}")
    assert own.complaints() == [], "each is told once"


@pytest.mark.undescribed_frames("that is what is tested")
async def test_a_binary_frame_is_seen(own: Recorder) -> None:
    async def act(self: Base) -> None:
        await self.send(bytes_data=b"{}")

    await send(act)
    assert own.complaints()[0].endswith("\n  b'{}'")


@pytest.mark.undescribed_frames("that is what is tested")
async def test_exempt_frames_are_counted_apart(own: Recorder) -> None:
    async def act(self: Base) -> None:
        await self.send(text_data="exempt")

    await send(act)
    assert own.complaints(exempt=True)
    assert (own.exempt, own.checked["here"]) == (2, 0)


def test_what_programs_send_is_read_from_their_file(own: Recorder, tmp_path: Path) -> None:
    script = tmp_path / "planted.py"
    options = {"INSTALLED_APPS": ["django.contrib.auth", "django.contrib.contenttypes"], "ALLOWED_HOSTS": ["*"]}
    setup = f"import django.conf\ndjango.conf.settings.configure(**{options})\ndjango.setup()\n"
    script.write_text(f"{setup}{PLANT}\nimport asyncio\nasyncio.run(talk(Planted))\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "tests.recorder", str(script)], cwd=ROOT, check=True, timeout=60)

    (found,) = own.complaints()
    assert found.startswith("__main__.Planted has sent what its document lacks: $.payload: Additional properties")
    assert own.checked == {"here": 0, "in servers": 2}
    assert own.complaints() == []


def test_a_program_runs_unwatched_where_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHANX_RECORDED_FRAMES")
    program = [sys.executable, "-m", "tests.recorder", "json.tool", "--compact", "-"]
    done = subprocess.run(program, input="[1, 2]", capture_output=True, text=True, cwd=ROOT, check=True, timeout=60)
    assert done.stdout == "[1,2]\n"


def test_the_test_that_caused_it_fails(tmp_path: Path) -> None:
    """The same fixture, in a run of its own."""
    tests = """
import pytest

async def test_planted(): await talk(Planted)
async def test_harmless(): await talk(Harmless)

@pytest.mark.undescribed_frames("meant")
async def test_exempt(): await talk(Planted)

@pytest.mark.undescribed_frames("no longer needed")
async def test_stale(): await talk(Harmless)
"""
    module = tmp_path / "test_plant.py"
    module.write_text(PLANT + tests, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "tests.conftest", "-q", str(module)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.findall(r"^ERROR \S*::(\w+)", done.stdout, re.MULTILINE) == ["test_planted", "test_stale"]
    assert "Planted has sent what its document lacks: $.payload: Additional properties" in done.stdout
    assert "each frame is described: remove the marker undescribed_frames" in done.stdout
    assert "4 passed, 2 errors" in done.stdout
