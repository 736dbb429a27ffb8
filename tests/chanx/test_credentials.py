"""When a credential expires, for the libraries that say so."""

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework_simplejwt.tokens import AccessToken

from chanx.credentials import expiry_of, is_past

MOMENT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ({"exp": 1_893_553_445}, MOMENT.timestamp()),
        (SimpleNamespace(payload={"exp": 1_893_553_445}), MOMENT.timestamp()),
        (SimpleNamespace(expires=MOMENT), MOMENT.timestamp()),
        (SimpleNamespace(expiry=MOMENT), MOMENT.timestamp()),
        (SimpleNamespace(expires_at=MOMENT.timestamp()), MOMENT.timestamp()),
        (SimpleNamespace(expires=None), None),
        (SimpleNamespace(expires=True), None),
        ({"exp": "soon"}, None),
        ({}, None),
        (None, None),
        ("a token", None),
    ],
)
def test_the_moment(auth: Any, expected: float | None) -> None:
    assert expiry_of(auth) == expected


def test_a_token_of_simplejwt() -> None:
    token = AccessToken()
    token.set_exp(from_time=MOMENT, lifetime=timedelta(minutes=5))
    assert expiry_of(token) == MOMENT.timestamp() + 300


def test_what_is_past() -> None:
    assert (is_past(None), is_past(time.time() + 60), is_past(time.time() - 1)) == (False, False, True)
