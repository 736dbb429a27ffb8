"""Names are made of keys, and of nothing else."""

import pytest

from chanx_asyncapi.codegen.names import camel_case, key_name, names, pascal_case


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("chat.messages.PostMessage", "ChatPostMessage"),
        ("chat_room.messages.deep.PostMessage", "ChatRoomDeepPostMessage"),
        ("PostMessage", "PostMessage"),
        ("messages.Messages", "Messages"),
        ("app.Page-app.messages.Item-sent", "AppPageAppItemSent"),
        ("ws.chat.room", "WsChatRoom"),
        ("200", "N200"),
        ("class", "Class"),
    ],
)
def test_a_key_has_a_name(key: str, name: str) -> None:
    assert key_name(key) == name


@pytest.mark.parametrize(("one", "other"), [("größe", "gröse"), ("ab*/", "ab`"), ("über", "ber"), ("日本", "中国")])
def test_what_no_name_can_say_is_hashed(one: str, other: str) -> None:
    assert key_name(one) != key_name(other)
    assert key_name(one).isascii()
    assert key_name(one).isidentifier()


def test_all_but_one_of_those_with_one_name_get_a_hash() -> None:
    found = names(["shop.a_b.Item", "shop.a.b.Item", "shop.messages.a.b.Item"])

    assert len(set(found.values())) == 3
    assert found["shop.messages.a.b.Item"] == "ShopABItem"
    assert all(name.startswith("ShopABItem") for name in found.values())


def test_one_more_key_renames_no_other() -> None:
    before = ["chat.messages.Say", "chat.messages.Hear", "shop.messages.Say"]
    for more in ("app.messages.Say", "chat.messages.Aaa", "chat.Say", "zoo.Say", "chat.messages_.Say", "Say"):
        found = names([more, *before])
        assert {key: found[key] for key in before} == names(before)


def test_a_name_that_is_taken_is_not_given_again() -> None:
    found = names(["chat.Channel", "None"], taken={"ChatChannel"})

    assert found["chat.Channel"].startswith("ChatChannel")
    assert "ChatChannel" not in found.values()
    assert "None" not in found.values()


@pytest.mark.parametrize(
    ("name", "expected"), [("ChatRoom", "chatRoom"), ("URLShortener", "urlShortener"), ("X", "x"), ("URL", "url")]
)
def test_the_other_common_form(name: str, expected: str) -> None:
    assert camel_case(name) == expected


def test_words_are_found_at_all_separators() -> None:
    assert pascal_case("a_b-c.d e/f") == "ABCDEF"
    assert pascal_case("") == ""
