"""The close codes, their twins for daphne, and what clients are told about retrying."""

from typing import get_args

import pytest

from chanx.close_codes import CLOSE_CODES, CloseCode, Retry, close_code_for

#: The table of docs/protocol.md: code, the twin that daphne can send, what a client may do.
TABLE = [
    (1001, 4001, "backoff"),
    (1009, 4009, "no"),
    (1011, 4011, "backoff"),
    (1012, 4012, "backoff"),
    (1013, 4013, "backoff"),
    (4400, 4400, "no"),
    (4401, 4401, "after_token_refresh"),
    (4403, 4403, "no"),
    (4404, 4404, "no"),
    (4408, 4408, "backoff"),
    (4429, 4429, "after_retry_after"),
    (4500, 4500, "backoff"),
]


def test_every_code_is_described_as_the_protocol_says() -> None:
    assert [(info.code, info.daphne, info.retry) for info in CLOSE_CODES.values()] == TABLE
    assert set(CLOSE_CODES) == set(CloseCode)


def test_every_code_has_a_meaning_of_its_own() -> None:
    meanings = [info.meaning for info in CLOSE_CODES.values()]
    assert len(set(meanings)) == len(meanings)
    assert all(meaning.endswith(".") for meaning in meanings)


def test_retry_advice_is_one_of_the_declared_words() -> None:
    assert {info.retry for info in CLOSE_CODES.values()} <= set(get_args(Retry))


@pytest.mark.parametrize(("code", "twin", "retry"), TABLE)
def test_a_server_that_states_its_version_gets_the_code_and_daphne_the_twin(code: int, twin: int, retry: str) -> None:
    assert close_code_for({"asgi": {"version": "3.0", "spec_version": "2.3"}}, CloseCode(code)) == code
    # daphne 4: the scope's `asgi` names the version alone.
    assert close_code_for({"asgi": {"version": "3.0"}}, CloseCode(code)) == twin
    assert close_code_for({}, CloseCode(code)) == twin


def test_no_two_codes_collide_on_either_server() -> None:
    sent = [code for entry in CLOSE_CODES.values() for code in {int(entry.code), entry.daphne}]
    assert len(sent) == len(set(sent))
