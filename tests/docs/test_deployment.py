"""The page on deployment: the options that it names exist, its settings load."""

import re
import subprocess
import sys
from typing import Any

import pytest
from channels_redis.core import RedisChannelLayer
from django.utils.module_loading import import_string

from tests.docs.pages import blocks
from tests.docs.project import commands

PAGE = "docs/guide/deployment.md"


@pytest.mark.parametrize("server", ["uvicorn", "daphne"])  # hypercorn is not among the tools of this repository
def test_the_options_exist(server: str) -> None:
    lines = [line for block in blocks(PAGE, language="sh") for line in commands(block) if line.startswith(server)]
    assert lines
    done = subprocess.run(
        [sys.executable, "-m", server, "--help"], capture_output=True, text=True, check=True, timeout=60
    )
    known = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", done.stdout))
    for line in lines:
        assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", line)) <= known, line


def test_the_settings_load() -> None:
    values: dict[str, Any] = {}
    for block in blocks(PAGE, language="python"):
        exec(block.text, values)
    layer = values["CHANNEL_LAYERS"]["default"]
    made = import_string(layer["BACKEND"])(**layer["CONFIG"])
    assert isinstance(made, RedisChannelLayer)
    # Why socket_timeout is there: Redis must be allowed to say nothing for as long as the layer waits.
    assert layer["CONFIG"]["hosts"][0]["socket_timeout"] > RedisChannelLayer.brpop_timeout
    assert (made.capacity, made.group_expiry) == (1000, 24 * 60 * 60)
    # What the page says of the default.
    assert RedisChannelLayer().capacity == 100
