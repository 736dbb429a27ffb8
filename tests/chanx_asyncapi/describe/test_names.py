"""Keys: readable where they can be, different where the names are."""

import re

import pytest

from chanx_asyncapi.describe.names import address_key, class_path, core_paths, distinguished, key, path_key, reference

ALLOWED = re.compile(r"[a-zA-Z0-9.\-_]+")


@pytest.mark.parametrize("text", ["new_message", "chat.messages.Post", "a-b", "0"])
def test_text_of_allowed_characters_is_its_own_key(text: str) -> None:
    assert key(text) == text


def test_other_texts_get_keys_of_their_own() -> None:
    texts = ["", "a b", "a/b", "a?b", "a#b", "ä", "ö", "a b ", "/", "日本", "a-b", "\ud800"]

    keys = [key(text) for text in texts]

    assert len(set(keys)) == len(texts)
    assert all(ALLOWED.fullmatch(found) for found in keys)
    assert keys[1].startswith("a-b-")


@pytest.mark.parametrize("name", ["__proto__", "constructor", "prototype", "hasOwnProperty"])
def test_names_at_which_the_official_parser_fails_are_no_keys(name: str) -> None:
    assert key(name) != name
    assert key(f"chat.{name}") == f"chat.{name}"


@pytest.mark.parametrize(
    ("address", "expected"),
    [("/ws/chat/{room}/", "ws.chat.room"), ("/", "root"), ("/{a}/{b}", "a.b"), ("/ws", "ws")],
)
def test_address_key_reads_like_the_address(address: str, expected: str) -> None:
    assert address_key(address) == expected


def test_class_path_leaves_out_what_only_says_that_a_class_is_local() -> None:
    class Local: ...

    assert class_path(Local).endswith(".test_class_path_leaves_out_what_only_says_that_a_class_is_local.Local")


def test_core_paths_qualify_type_arguments_and_forget_addresses() -> None:
    page, item = "shop.Page:11[Item:22]", "shop.items.Item:22"

    assert core_paths([page, item]) == {page: "shop.Page[shop.items.Item]", item: item.partition(":")[0]}


def test_core_paths_keep_an_argument_that_is_no_class_of_the_document() -> None:
    assert core_paths(["shop.Page:11[int:33]"]) == {"shop.Page:11[int:33]": "shop.Page[int]"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("shop.Page", "shop.Page"),
        ("shop.Page[shop.Item]", "shop.Page-shop.Item"),
        ("a.Pair[int,str]", "a.Pair-int-str"),
    ],
)
def test_path_key_writes_type_arguments_behind_their_class(path: str, expected: str) -> None:
    assert path_key(path) == expected


def test_nested_type_arguments_do_not_meet() -> None:
    one, other = path_key("a.P[a.Q[a.R],a.S]"), path_key("a.P[a.Q[a.R,a.S]]")

    assert one != other
    assert ALLOWED.fullmatch(one)


def test_distinguished_takes_the_first_free_number() -> None:
    assert distinguished("a", ()) == "a"
    assert distinguished("a", ("a", "a-2")) == "a-3"


def test_reference_escapes_what_json_pointers_escape() -> None:
    assert reference("channels", "a/b~c").ref == "#/channels/a~1b~0c"
