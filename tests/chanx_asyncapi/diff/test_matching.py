"""Which of the new things is which of the old ones."""

from chanx_asyncapi.diff.matching import Matching


def test_pairs_are_in_the_order_of_the_new_things() -> None:
    matching = Matching(["a", "b", "c"], ["c", "x", "a"]).by(lambda text: text)

    assert matching.pairs == [("c", "c"), ("a", "a")]
    assert (matching.removed, matching.added) == (["b"], ["x"])


def test_a_later_step_looks_at_what_is_left() -> None:
    matching = Matching(["aa", "ab", "b"], ["ab", "ac"]).by(lambda text: text).by(lambda text: text[0])

    assert matching.pairs == [("ab", "ab"), ("aa", "ac")]
    assert matching.removed == ["b"]


def test_equal_keys_are_paired_in_their_order_unless_each_must_be_the_only_one() -> None:
    assert Matching(["a1", "a2"], ["a3", "a4"]).by(lambda text: text[0]).pairs == [("a1", "a3"), ("a2", "a4")]
    assert Matching(["a1", "a2"], ["a3"]).by(lambda text: text[0], once=True).pairs == []


def test_no_key_is_no_key() -> None:
    assert Matching(["a"], ["b"]).by(lambda _: None).pairs == []


def test_what_does_not_fit_is_left() -> None:
    matching = Matching(["a1"], ["a2"]).by(lambda text: text[0], fits=lambda old, new: old == new)

    assert (matching.removed, matching.added) == (["a1"], ["a2"])


def test_in_order_only_as_many_and_all_fitting() -> None:
    assert Matching("ab", "cd").in_order(lambda old, new: True).pairs == [("a", "c"), ("b", "d")]
    assert Matching("ab", "c").in_order(lambda old, new: True).pairs == []
    assert Matching("ab", "cb").in_order(lambda old, new: old == new).pairs == []
