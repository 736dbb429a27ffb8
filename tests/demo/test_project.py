"""The project around the applications: its first page, static files, schema, migrations and settings."""

import asyncio
import io
import os
import subprocess
import sys
from typing import Any

import pytest
from channels.layers import ChannelLayerManager
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client, override_settings

from config.channel_layers import channel_layers
from demo.seed import BOB, Seeded
from tests.servers import ROOT, RedisServer

#: redis-py gives up after 5 seconds, unless told otherwise.
IDLE_SECONDS = 6


class TestIndex:
    def test_leads_to_the_page_and_to_the_login(self, client: Client, rooms: Seeded) -> None:
        page = client.get("/").content.decode()
        assert 'href="/ws-docs/"' in page
        assert 'action="/api-auth/login/"' in page
        assert BOB.token in page
        with override_settings(DEBUG=True):  # as the demo runs; otherwise the page is for those who are logged in
            assert client.get("/ws-docs/").status_code == 200

    def test_login_comes_back_to_it_and_names_the_rooms(self, client: Client, rooms: Seeded) -> None:
        credentials = {"username": BOB.name, "password": BOB.password, "next": "/"}
        response = client.post("/api-auth/login/", credentials, follow=True)

        page = response.content.decode()
        assert response.redirect_chain == [("/", 302)]
        assert "You are bob" in page
        assert f"/ws/chat/{rooms.lobby.pk}/" in page
        assert f"/ws/chat/{rooms.leadership.pk}/" not in page

    def test_logout_comes_back_to_it(self, client: Client, rooms: Seeded) -> None:
        client.force_login(User.objects.get(username="bob"))
        response = client.post("/api-auth/logout/", {"next": "/"}, follow=True)
        assert "You are" not in response.content.decode()


def test_the_rest_schema_is_complete_and_valid() -> None:
    schema = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=schema)
    assert "/api/rooms/{id}/announcements/:" in schema.getvalue()


def test_the_document_is_valid_and_nothing_is_missing_in_it() -> None:
    problems = io.StringIO()
    call_command("generate_asyncapi", validate=True, fail_on_warn=True, stdout=io.StringIO(), stderr=problems)
    assert problems.getvalue() == ""


@pytest.mark.django_db
def test_migrations_are_up_to_date() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_checks_find_nothing() -> None:
    # In a process of its own: other tests define consumers in the demo's name, which no route leads to.
    done = subprocess.run(
        [sys.executable, str(ROOT / "management" / "manage.py"), "check", "--fail-level", "WARNING"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


class TestChannelLayers:
    @pytest.mark.parametrize(
        ("url", "backend", "address"),
        [
            ("redis://h:1/2", "channels_redis.core.RedisChannelLayer", "redis://h:1/2"),
            ("rediss://h:1/2", "channels_redis.core.RedisChannelLayer", "rediss://h:1/2"),
            ("redis+pubsub://h:1/2", "channels_redis.pubsub.RedisPubSubChannelLayer", "redis://h:1/2"),
        ],
    )
    def test_the_address_chooses(self, url: str, backend: str, address: str) -> None:
        layer = channel_layers(url)["default"]
        assert layer["BACKEND"] == backend
        assert [host["address"] for host in layer["CONFIG"]["hosts"]] == [address]

    def test_no_address_is_memory(self) -> None:
        assert channel_layers("") == {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

    async def test_an_idle_connection_lives(self, redis: RedisServer) -> None:
        async def receive_late(layer: Any) -> Any:
            channel = await layer.new_channel()
            receiving = asyncio.create_task(layer.receive(channel))
            await asyncio.sleep(IDLE_SECONDS)
            await layer.send(channel, {"type": "late"})
            try:
                return await asyncio.wait_for(receiving, 5)
            finally:
                await layer.flush()

        layers: list[Any] = []
        for url in (redis.url, redis.url.replace("redis://", "redis+pubsub://")):
            with override_settings(CHANNEL_LAYERS=channel_layers(url)):
                layers.append(ChannelLayerManager().make_backend("default"))
        assert await asyncio.gather(*map(receive_late, layers)) == [{"type": "late"}] * 2

    @pytest.mark.parametrize("url", ["memcached://h:1", "redis", "127.0.0.1:6379"])
    def test_another_address_is_refused_with_the_way_out(self, url: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=r"Write redis://127.0.0.1:6379/0 or redis\+pubsub://"):
            channel_layers(url)
