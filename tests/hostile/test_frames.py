"""Frames that no honest client sends, each on real servers; the numbers are those of the list of cases.

Unless it is closed, the connection answers the next ping, and no traceback is logged: the fixtures see to that.
"""

import json
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from chanx.close_codes import CloseCode
from chanx.codec import Codec, Invoke, Reject
from chanx.frame_limits import is_deeper_than, is_larger_than
from chanx.wire_format import WireFormat
from tests.hostile.conftest import Hostile, assert_no_failure, memory
from tests.hostile.raw import BINARY, CONTINUATION, TEXT, RawClient, frame
from tests.hostile.service import PlainConsumer
from tests.servers import Server, Servers

#: What fits into a frame by default, in bytes.
FULL = 65_536


def echo(payload: str, rest: str = "") -> str:
    """A frame around a text of JSON."""
    return f'{{"action":"echo","payload":{payload}{rest}}}'


def filled(unit: Callable[[int], str], before: str, after: str) -> str:
    """A frame of full size, its middle made of numbered units with commas between."""
    units: list[str] = []
    size = len(before) + len(after)
    while size + len(unit(len(units))) + 1 <= FULL:
        units.append(unit(len(units)))
        size += len(units[-1]) + 1
    return before + ",".join(units) + after


def milliseconds(text: str, wire: WireFormat | None = None) -> float:
    """CPU time from a text to the decision about it, the best of three."""
    codec = Codec.of(PlainConsumer.spec.messages, wire or WireFormat())
    codec.decode(echo("1"))  # builds the validator
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        assert not is_larger_than(text, FULL)
        if not is_deeper_than(text, 64):
            assert isinstance(codec.decode(text), Invoke | Reject)
        best = min(best, time.process_time() - start)
    return best * 1000


# -- what is no JSON, and no object --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "{",
        '{"action":"ping"',
        '{"action":"ping"}}',
        '{"action":"ping"} {"action":"ping"}',
        '{"action":"ping",}',
        "{'action':'ping'}",
        '{action:"ping"}',
        '{"action":"pi\nng"}',
        '{"action":"ping","payload":01}',
        '{"action":"ping","payload":+1}',
        '{"action":"ping","payload":.5}',
        '{"action":"ping","payload":0x10}',
        '{"action":"ping","payload":True}',
        '{"action":"ping","payload":undefined}',
        '{"action":"ping","payload":nan}',
        '{"action":"\\x41"}',
        '/* */{"action":"ping"}',
        '\ufeff{"action":"ping"}',
        '{"action":"ping" "payload":1}',
        "\x00",
    ],
)
def test_case_01_malformed_json(text: str, hostile: Hostile) -> None:
    error = hostile.refused(text)
    assert (error["type"], error["loc"]) == ("invalid_json", [])


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_case_02_empty_text(text: str, hostile: Hostile) -> None:
    assert hostile.refused(text)["type"] == "invalid_json"


@pytest.mark.parametrize(
    "text", ["[]", '["echo"]', '[{"action":"ping"}]', "1", "-1.5", "null", '"ping"', "true", "false"]
)
def test_case_03_json_that_is_no_object(text: str, hostile: Hostile) -> None:
    assert hostile.refused(text) == {"type": "invalid_envelope", "loc": [], "msg": "A frame must be a JSON object"}


@pytest.mark.parametrize("payload", [b"", b"\x00\xff", b'{"action":"ping"}', b"x" * 1000])
def test_case_04_binary_frame(payload: bytes, hostile: Hostile) -> None:
    assert hostile.refused(payload, opcode=BINARY)["type"] == "binary_frame"


@pytest.mark.parametrize(
    "payload", [b"\xff", b'{"action":"\xc3\x28"}', b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b'{"a":"\xe2\x82']
)
def test_case_05_invalid_utf_8(payload: bytes, hostile: Hostile) -> None:
    """The server closes (RFC 6455, 8.1), daphne without a close frame; chanx never sees it."""
    assert hostile.closed(payload) == (None if hostile.server.kind == "daphne" else 1007)


# -- size ----------------------------------------------------------------------------------------------------


def test_case_06_over_the_limit(any_server: Server) -> None:
    """To the byte, whatever a character takes; and before anybody parses what would be no JSON."""
    for unit in ("x", "ü", "☃", "😀"):
        size = len(unit.encode())
        room = FULL - len(echo('""'))
        text = unit * (room // size) + "x" * (room % size)
        for payload, fits in ((text, True), (text + "x", False)):
            with Hostile.connected(any_server, "plain") as hostile:
                if fits:
                    assert hostile.echoed(echo(f'"{payload}"')) == payload
                else:
                    assert hostile.closed(echo(f'"{payload}"')) == hostile.code(CloseCode.MESSAGE_TOO_BIG)
    with Hostile.connected(any_server, "plain") as hostile:
        assert hostile.closed(b"\x00" * (FULL + 1), opcode=BINARY) == hostile.code(CloseCode.MESSAGE_TOO_BIG)


def test_case_07_seventeen_megabytes_fragmented(any_server: Server) -> None:
    """Beyond what each server takes by default, but for granian: daphne cuts the connection off, the others close."""
    before = memory(any_server)
    with Hostile.connected(any_server, "plain") as hostile:
        hostile.client.send('{"action":"echo","payload":"', is_final=False)
        for _ in range(17):
            hostile.client.send(b"x" * 1_000_000, CONTINUATION, is_final=False)
        code = hostile.closed('"}', opcode=CONTINUATION)
        assert code in ({None, 1009} if any_server.kind == "daphne" else {1009})
    assert memory(any_server) - before < 60 * 2**20


@pytest.mark.parametrize("inflated", [100_000, 50_000_000])
def test_case_08_compression_bomb(inflated: int, any_server: Server) -> None:
    """50 kB that become 50 MB. A server without compression takes none at all."""
    deflate = zlib.compressobj(9, wbits=-15)
    text = echo(f'"{"x" * inflated}"').encode()
    # RFC 7692, 7.2.1: the end of a flushed block is left out.
    bomb = (deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\x00\x00\xff\xff")
    before = memory(any_server)
    with RawClient(
        any_server, "/ws/hostile/plain/", b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    ) as client:
        offered = b"permessage-deflate" in client.headers.get(b"sec-websocket-extensions", b"")
        assert offered == (any_server.kind not in ("daphne", "granian"))
        hostile = Hostile(any_server, client, any_server.log.stat().st_size)
        if not offered:
            client.receive()
            assert hostile.closed(bomb, is_compressed=True) in (None, 1002)
            return
        # The authentication frame is compressed as well.
        client.send(bomb, is_compressed=True)
        assert client.skip_to_close() == 1009
    assert_no_failure(hostile.log())
    assert memory(any_server) - before < 150 * 2**20


@pytest.mark.parametrize(
    ("first", "fragment", "number", "last", "answer"),
    [
        ('{"action":"echo","payload":"', "drip", 5000, '"}', "drip" * 5000),
        ("", "", 20_000, echo("1"), 1),
        ('{"action":"echo","payload":"', "x", FULL, '"}', CloseCode.MESSAGE_TOO_BIG),
    ],
    ids=["small", "empty", "over"],
)
def test_case_25_slow_drip_of_fragments(
    first: str, fragment: str, number: int, last: str, answer: Any, any_server: Server
) -> None:
    """They take the memory of what was sent, and no time from other clients."""
    before = memory(any_server)
    with Hostile.connected(any_server, "plain") as dripping, Hostile.connected(any_server, "plain") as hostile:
        dripping.client.send(first, is_final=False)
        for part in range(5):
            with suppress(OSError):
                dripping.client.send_raw(frame(fragment, CONTINUATION, is_final=False) * (number // 5))
            assert hostile.echoed(echo(str(part))) == part
        dripping.client.send(fragment * (number % 5), CONTINUATION, is_final=False)
        if any_server.kind == "uvicorn-websockets":
            # Has a bound on the number of fragments.
            assert dripping.closed(last, opcode=CONTINUATION) == 1009
        elif isinstance(answer, CloseCode):
            assert dripping.closed(last, opcode=CONTINUATION) == dripping.code(answer)
        else:
            assert dripping.ask(last, opcode=CONTINUATION)["payload"] == answer
    assert memory(any_server) - before < 40 * 2**20


# -- depth, digits, numbers ----------------------------------------------------------------------------------


def test_case_09_a_hundred_thousand_levels_of_nesting(hostile: Hostile) -> None:
    assert hostile.closed("[" * 100_000) == hostile.code(CloseCode.MESSAGE_TOO_BIG)


@pytest.mark.parametrize(
    "text",
    [
        "[" * FULL,
        "[" * (FULL // 2) + "]" * (FULL // 2),
        '{"a":' * (FULL // 5),
        echo("[" * (FULL - 40)),
        "[{" * (FULL // 2),
    ],
    ids=lambda text: text[:12],
)
def test_case_09_a_full_frame_of_brackets(text: str, hostile: Hostile) -> None:
    assert hostile.refused(text) == {"type": "too_deep", "loc": [], "msg": "More than 64 levels of nesting"}
    assert milliseconds(text) < 50


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_case_10_the_depth_is_exact(opening: str, closing: str, hostile: Hostile) -> None:
    """The frame itself is the first level. What is in strings is none."""
    for depth, delivered in ((62, True), (63, True), (64, False)):
        text = echo(opening * depth + '"[[{{\\""' + closing * depth)
        if delivered:
            assert json.dumps(hostile.echoed(text)).count(opening[0]) == depth + (opening[0] in "[{") * 2
        else:
            assert hostile.refused(text)["type"] == "too_deep"


@pytest.mark.parametrize("digits", [310, 641, 4300, 4301, 5000, 60_000])
@pytest.mark.parametrize("sign", ["", "-"])
def test_case_11_an_integer_of_thousands_of_digits(sign: str, digits: int, hostile: Hostile) -> None:
    number = sign + "7" * digits
    for text in (
        echo(number),
        f'{{"action":"count","payload":{number}}}',
        f'{{"action":"measure","payload":{number}}}',
        f'{{"action":"ping","id":{number}}}',
        f'{{"action":"ping","nobody":["reads",{number}]}}',
        f'{{"action":{number}}}',
    ):
        assert hostile.refused(text)["type"] == "invalid_number"


@pytest.mark.parametrize(
    "number", ["-0", "0", "1" * 308, "-" + "9" * 300, "0e99999", "1e-99999", "0." + "0" * 5000 + "1"]
)
def test_case_11_numbers_that_fit_are_delivered(number: str, hostile: Hostile) -> None:
    assert hostile.echoed(echo(number)) == json.loads(number)


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e999", "-1E+999", "1e99999999999999999999", "9" * 300 + "e10"]
)
def test_case_12_nan_infinity_and_overflow(number: str, hostile: Hostile) -> None:
    for text in (
        echo(number),
        echo(f'{{"deep":[1,{{"deeper":{number}}}]}}'),
        f'{{"action":"measure","payload":{number}}}',
        f'{{"action":"count","payload":{number}}}',
        f'{{"action":"ping","nobody":["reads",{number}]}}',
        f'{{"action":{number}}}',
    ):
        assert hostile.refused(text)["type"] == "invalid_number"
    answer = hostile.ask(echo(number, ',"id":7'))
    assert (answer["payload"][0]["type"], answer["reply_to"]) == ("invalid_number", 7)


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", ": 1e999,", '\\": NaN, \\"', "7c9e6679-7425-40de-944b-e07fc1f90ae7"]
)
def test_case_12_texts_that_look_like_it_are_delivered(text: str, hostile: Hostile) -> None:
    assert hostile.echoed(echo(f'["{text}",1e5]')) == [json.loads(f'"{text}"'), 1e5]


# -- keys and texts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"action":"ping","action":"echo"}', "action"),
        ('{"action":"echo","payload":1,"payload":2}', "payload"),
        ('{"id":1,"action":"ping","id":2}', "id"),
        ('{"action":"echo","payload":{"id":1,"payload":2},"payload":2,"id":3}', "payload"),
        (r'{"action":"ping","\u0061ction":"echo"}', "action"),
        (r'{"id":1,"action":"ping","\u0069\u0064":2}', "id"),
    ],
)
def test_case_13_a_key_of_the_envelope_twice(text: str, key: str, hostile: Hostile) -> None:
    assert hostile.refused(text) == {"type": "duplicate_key", "loc": [], "msg": f"The key '{key}' is there twice"}


def test_case_13_other_keys_twice(hostile: Hostile) -> None:
    """Without STRICT_JSON the last one counts."""
    assert hostile.echoed(echo('{"a":1,"a":2,"id":3,"id":4}')) == {"a": 2, "id": 4}
    assert hostile.echoed(echo('[{"action":1,"id":1},{"action":2,"id":2}]', ',"id":5')) == [
        {"action": 1, "id": 1},
        {"action": 2, "id": 2},
    ]


def test_case_13_other_keys_twice_with_strict_json(way: str, servers: Servers) -> None:
    server = servers.start("uvicorn", chanx={"STRICT_JSON": True}, DJANGO_DEBUG="0")
    with Hostile.connected(server, way) as hostile:
        for text in (echo('{"a":1,"a":2}'), echo('[[{"x":[{"a":1,"b":2,"a":2}]}]]'), echo("1", ',"a":1,"a":2')):
            assert hostile.refused(text)["msg"] == "The key 'a' is there twice"
        assert hostile.refused(echo(f'{{"{"k" * 1000}":1,"{"k" * 1000}":2}}'))["msg"] == (
            f"The key '{'k' * 64}' is there twice"
        )
        assert hostile.echoed(echo('[{"a":1},{"a":1}]')) == [{"a": 1}, {"a": 1}]


@pytest.mark.parametrize(
    "text", [r"\ud800", r"\udc00", r"a\udbffz", r"\ud83d\ud83d\ude00", r"\ude00\ud83d", r"\uD800\n"]
)
def test_case_14_a_lone_surrogate(text: str, hostile: Hostile) -> None:
    for each in (
        echo(f'"{text}"'),
        echo(f'{{"deep":["{text}"]}}'),
        echo(f'{{"{text}":1}}'),
        echo("1", f',"nobody":"{text}"'),
        echo("1", f',"{text}":1'),
        echo("1", f',"id":"{text}"'),
        f'{{"action":"{text}"}}',
    ):
        assert hostile.refused(each)["type"] == "invalid_json"


def test_case_14_pairs_of_surrogates_are_delivered(hostile: Hostile) -> None:
    assert hostile.echoed(echo(r'"\ud83d\ude00 \\ud800"')) == "😀 \\ud800"


def test_case_15_nul(hostile: Hostile) -> None:
    assert hostile.echoed(echo(r'["\u0000",{"\u0000":"a\u0000b"}]')) == ["\0", {"\0": "a\0b"}]
    assert hostile.refused(echo('"\0"'))["type"] == "invalid_json"
    assert hostile.refused('{"action":"ping"}\0')["type"] == "invalid_json"
    assert hostile.refused(r'{"action":"ping\u0000"}')["type"] == "union_tag_invalid"


# -- action, payload, id -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", "union_tag_not_found"),
        ('{"payload":1}', "union_tag_not_found"),
        ('{"Action":"ping"}', "union_tag_not_found"),
        ('{"action":["ping"]}', "union_tag_invalid"),
        ('{"action":{"ping":1}}', "union_tag_invalid"),
        ('{"action":null}', "union_tag_invalid"),
        ('{"action":1}', "union_tag_invalid"),
        ('{"action":true}', "union_tag_invalid"),
        ('{"action":""}', "union_tag_invalid"),
        ('{"action":"PING"}', "union_tag_invalid"),
        ('{"action":"ping "}', "union_tag_invalid"),
    ],
)
def test_case_16_an_action_that_is_missing_or_no_text(text: str, found: str, hostile: Hostile) -> None:
    error = hostile.refused(text)
    assert (error["type"], error["loc"]) == (found, [])


@pytest.mark.parametrize("action", ["x" * 65, "x" * 60_000, "ü" * 1000])
def test_case_17_an_unknown_action(action: str, hostile: Hostile) -> None:
    error = hostile.refused(json.dumps({"action": action}, ensure_ascii=False))
    assert error == {"type": "union_tag_invalid", "loc": [], "msg": f"Unknown action '{action[:64]}'"}
    long_list = hostile.refused(json.dumps({"action": [action]}, ensure_ascii=False))
    assert len(long_list["msg"]) <= len("Unknown action ''") + 64


def test_case_17_the_known_actions_in_debug_alone(way: str, servers: Servers) -> None:
    with Hostile.connected(servers.start("uvicorn", DJANGO_DEBUG="1"), way) as hostile:
        known = "count, echo, fill, many, match, measure, ping"
        assert hostile.refused('{"action":"x"}')["msg"] == f"Unknown action 'x', known are {known}"


@pytest.mark.parametrize(
    ("frame", "found", "loc"),
    [
        ('{"action":"count","payload":"S3cr3t"}', "int_parsing", ["count", "payload"]),
        ('{"action":"count","payload":1.5}', "int_from_float", ["count", "payload"]),
        ('{"action":"count"}', "missing", ["count", "payload"]),
        ('{"action":"many","payload":[1,"S3cr3t",2]}', "int_parsing", ["many", "payload", 1]),
        ('{"action":"many","payload":{"S3cr3t":1}}', "list_type", ["many", "payload"]),
        ('{"action":"fill","payload":{"first_name":["S3cr3t"]}}', "string_type", ["fill", "payload", "first_name"]),
        ('{"action":"match","payload":"aaaaS3cr3t"}', "string_pattern_mismatch", ["match", "payload"]),
        ('{"action":"ping","payload":"S3cr3t"}', "none_required", ["ping", "payload"]),
    ],
)
def test_case_18_wrong_types(frame: str, found: str, loc: list[Any], hostile: Hostile) -> None:
    error = hostile.refused(frame)
    assert (error["type"], error["loc"]) == (found, loc)
    assert "S3cr3t" not in json.dumps(error)
    assert "S3cr3t" not in hostile.log()


def test_case_19_four_hundred_thousand_keys(hostile: Hostile) -> None:
    """More than daphne itself takes, which then cuts the connection off."""
    text = json.dumps({str(number): 1 for number in range(400_000)})
    expected = None if hostile.server.kind == "daphne" else CloseCode.MESSAGE_TOO_BIG
    assert hostile.closed(text) == expected


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (filled(lambda n: f'"{n}":1', '{"action":"ping",', "}"), "pong"),
        (filled(lambda n: f'"{n}":1', echo("{")[:-1], "}}"), "echoed"),
        (filled(lambda n: f'"{n}":1', '{"action":"fill","payload":{"first_name":"a",', "}}"), "error"),
        (filled(lambda n: '"":1', echo("{")[:-1], "}}"), "echoed"),
        (filled(lambda n: "{}", echo("[")[:-1], "]}"), "echoed"),
        (filled(lambda n: '"id":1', echo("{")[:-1], "}}"), "echoed"),
        (filled(lambda n: '"id":1', "{", "}"), "error"),
        (filled(lambda n: '"\\u0069d":1', "{", "}"), "error"),
        (filled(lambda n: "1e1", echo("[")[:-1], "]}"), "echoed"),
        (filled(lambda n: "1" * 308, echo("[")[:-1], "]}"), "echoed"),
    ],
    ids=["ignored", "any", "forbidden", "equal", "objects", "ids", "envelope", "spelled", "exponents", "digits"],
)
def test_case_19_as_many_keys_and_numbers_as_fit(text: str, answer: str, hostile: Hostile) -> None:
    assert hostile.ask(text)["action"] == answer
    assert milliseconds(text) < 50


def test_case_20_ten_thousand_errors(hostile: Hostile) -> None:
    """A long frame tells the first one of each array alone; those of a short one are counted out, up to the bound."""
    for number, reported in ((1000, 20), (10_000, 1)):
        text = json.dumps({"action": "many", "payload": ["x"] * number}, separators=(",", ":"))
        errors = hostile.errors(text)
        assert [error["loc"] for error in errors] == [["many", "payload", place] for place in range(reported)]
    text = filled(lambda n: '""', '{"action":"many","payload":[', "]}")
    assert milliseconds(text) < 50


def test_case_20_long_keys_are_not_repeated_with_each_error(hostile: Hostile) -> None:
    errors = hostile.errors(json.dumps({"action": "fill", "payload": {f"{n}{'k' * 2000}": 1 for n in range(30)}}))
    assert len(errors) == 20
    assert len(json.dumps(errors)) < 5000


@pytest.mark.parametrize(
    "frame_id", ['"' + "x" * 65 + '"', "null", "true", "1.5", "[]", "{}", str(2**63), str(-(2**64))]
)
def test_case_21_an_id_that_is_none(frame_id: str, hostile: Hostile) -> None:
    error = hostile.refused(f'{{"action":"ping","id":{frame_id}}}')
    assert (error["type"], error["loc"]) == ("invalid_id", ["id"])


def test_case_21_an_id_of_a_megabyte(hostile: Hostile) -> None:
    text = json.dumps({"action": "ping", "id": "x" * 1_000_000})
    assert hostile.closed(text) == hostile.code(CloseCode.MESSAGE_TOO_BIG)


@pytest.mark.parametrize("key", ["_" * 50_000, "a" + "_" * 50_000 + "b", "a_" * 25_000, "_A" * 25_000])
def test_case_22_fifty_thousand_underscores_with_camelize(key: str, way: str, servers: Servers) -> None:
    server = servers.start("uvicorn", chanx={"CAMELIZE": True}, DJANGO_DEBUG="0")
    texts = [echo(f'{{"{key}":1}}'), f'{{"action":"fill","payload":{{"firstName":"a","{key}":1}}}}', f'{{"{key}":1}}']
    with Hostile.connected(server, way) as hostile:
        assert hostile.echoed(texts[0]) == {key: 1}
        assert hostile.refused(texts[1])["loc"] == ["fill", "payload", key[:64]]
        assert hostile.refused(texts[2])["type"] == "union_tag_not_found"
    for text in texts:
        assert milliseconds(text, WireFormat(camelize=True)) < 10


def test_case_23_a_pathological_pattern(hostile: Hostile) -> None:
    """The size comes first: nobody asks the pattern about such a text, and the answer comes at once."""
    assert hostile.echoed('{"action":"match","payload":"aaa"}') == "aaa"
    text = f'{{"action":"match","payload":"{"a" * 100_000}!"}}'
    assert hostile.closed(text) == hostile.code(CloseCode.MESSAGE_TOO_BIG)


@pytest.mark.parametrize("place", ["action", "key", "id", "payload"])
def test_case_24_line_breaks_and_terminal_codes_in_the_log(place: str, hostile: Hostile) -> None:
    evil = "\r\nERROR forged \x1b[31m\x1b]0;title\x07\u2028" + "x" * 5000
    frames: dict[str, Any] = {
        "action": {"action": evil},
        "key": {"action": "fill", "payload": {evil: 1, "first_name": "a"}},
        "id": {"action": "ping", "id": evil},
        "payload": {"action": "count", "payload": evil},
    }
    hostile.refused(json.dumps(frames[place]))
    log = hostile.log()
    assert not any(line.startswith("ERROR") for line in log.splitlines())
    assert not set(log) & set("\x1b\x07\u2028\r")
    assert max(map(len, log.splitlines())) < 300
    assert log.count("refused a frame") == 1


def test_fragments_are_put_together_before_anybody_looks(hostile: Hostile) -> None:
    """A frame of chanx's is what RFC 6455 calls a message: its pieces may break anywhere, in a character too."""
    data = echo('"ü"').encode()
    for end in range(1, len(data)):
        hostile.client.send(data[:end], TEXT, is_final=False)
        assert hostile.ask(data[end:], opcode=CONTINUATION)["payload"] == "ü"
