"""``manage.py demo``: sets up, says what to open, serves."""

import asyncio
import io
import json
import os
import re
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import override_settings
from rest_framework.authtoken.models import Token
from websockets.asyncio.client import connect

from chat.models import Message, Room
from demo.seed import ALICE, BOB, DEMO_USERS, seed

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def var(fast_passwords: None, tmp_path: Path) -> Iterator[Path]:
    """Where the command writes in this test."""
    with override_settings(VAR_DIR=tmp_path / "var"):
        yield tmp_path / "var"


def run() -> str:
    output = io.StringIO()
    call_command("demo", no_serve=True, port=8123, stdout=output)
    return output.getvalue()


@pytest.mark.django_db
def test_it_writes_the_document_and_says_everything_one_needs(var: Path) -> None:
    output = run()

    document = json.loads((var / "asyncapi.json").read_text())
    assert document["asyncapi"].startswith("3.")
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {"/ws/chat/{pk}/", "/ws/assistant/", "/ws/notifications/"}
    assert "http://127.0.0.1:8123/ws-docs/" in output
    lobby = Room.objects.get(slug="lobby")
    assert f'wscat -c ws://127.0.0.1:8123/ws/chat/{lobby.pk}/ -H "Authorization: Token {ALICE.token}"' in output
    for user in DEMO_USERS:
        assert user.password in output
        assert user.token in output


@pytest.mark.django_db
def test_it_seeds_users_with_the_credentials_that_it_prints(var: Path) -> None:
    run()
    for wanted in DEMO_USERS:
        user = User.objects.get(username=wanted.name)
        assert user.check_password(wanted.password)
        assert Token.objects.get(user=user).key == wanted.token
    members = {room.slug: {user.username for user in room.members.all()} for room in Room.objects.all()}
    assert members == {"lobby": {"alice", "bob"}, "leadership": {"alice"}}


@pytest.mark.django_db
def test_a_second_time_changes_nothing(var: Path) -> None:
    run()
    lobby = Room.objects.get(slug="lobby")
    Message.objects.create(room=lobby, author=lobby.owner, text="To be kept")
    before = _state()

    run()

    assert _state() == before


@pytest.mark.django_db
def test_what_was_broken_is_repaired(fast_passwords: None) -> None:
    seed()
    bob = User.objects.get(username="bob")
    bob.set_password("forgotten")
    bob.is_active = False
    bob.save()
    Token.objects.filter(user=bob).delete()
    Token.objects.create(user=bob, key="another")
    Room.objects.get(slug="leadership").members.add(bob)

    seed()

    bob.refresh_from_db()
    assert bob.is_active
    assert bob.check_password(BOB.password)
    assert Token.objects.get(user=bob).key == BOB.token
    assert not Room.objects.get(slug="leadership").has_member(bob)


def test_a_port_that_is_taken_is_told_before_anything_is_done(var: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Cannot listen on 127\.0\.0\.1:{port}.*--port {port + 1}"):
            call_command("demo", port=port)
    assert not var.exists()


async def test_it_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.recorder",
        str(REPOSITORY / "management" / "manage.py"),
        "demo",
        "--port=0",
        env={**os.environ, "DEMO_VAR": str(tmp_path / "var"), "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        output = ""
        async with asyncio.timeout(60):
            while "Control-C" not in output:
                line = (await process.stdout.readline()).decode()
                assert line, output
                output += line
        url = re.findall(r"ws://\S+/ws/chat/\d+/", output)[0]
        assert b"alice-demo-token" in await asyncio.to_thread(fetch, output, "/")
        # The admin's, found by ASGIStaticFilesHandler in the installed package.
        assert b":root" in await asyncio.to_thread(fetch, output, "/static/admin/css/base.css")
        headers = {"Authorization": f"Token {BOB.token}"}
        async with asyncio.timeout(20), connect(url, additional_headers=headers) as client:
            assert json.loads(await client.recv())["payload"]["status_code"] == 200
            await client.send('{"action": "post_message", "payload": {"text": "Hello"}}')
            # Where the history is and who is there come in between.
            while json.loads(await client.recv())["action"] != "posted":
                pass
            # With a connection that is open.
            process.send_signal(signal.SIGINT)
            rest, _ = await process.communicate()
        assert process.returncode == 0, rest.decode()
        assert "Traceback" not in rest.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def fetch(output: str, path: str) -> bytes:
    """The body of a page of the server that has printed ``output``."""
    origin = re.findall(r"(http://127\.0\.0\.1:\d+)/", output)[0]
    with urllib.request.urlopen(origin + path, timeout=10) as response:
        body: bytes = response.read()
    return body


def _state() -> object:
    return (
        list(User.objects.order_by("pk").values_list("pk", "username", "password", "is_superuser")),
        list(Token.objects.order_by("key").values_list("key", "created")),
        list(Room.objects.order_by("pk").values_list("pk", "slug")),
        list(Message.objects.order_by("pk").values_list("pk", "text")),
    )
