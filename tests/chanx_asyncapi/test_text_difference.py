"""A difference that people read: complete when it is short, bounded when it is long."""

from chanx_asyncapi.text_difference import MAX_LINES, MAX_WIDTH, text_difference


def difference(old: str, new: str) -> list[str]:
    return text_difference(old, new, old_name="old", new_name="new").splitlines()


def test_equal_texts_do_not_differ() -> None:
    assert text_difference("a\nb\n", "a\nb\n", old_name="old", new_name="new") == ""


def test_a_line_that_has_changed_is_shown_between_those_around_it() -> None:
    assert difference("a\nb\nc\n", "a\nB\nc\n") == ["--- old", "+++ new", "@@ -1,3 +1,3 @@", " a", "-b", "+B", " c"]


def test_a_long_difference_is_cut_and_says_so() -> None:
    shown = difference("", "x\n" * 1000)

    assert len(shown) == MAX_LINES + 1
    # Three lines of head, and a thousand of text.
    assert shown[-1] == f"... {1003 - MAX_LINES} more lines"


def test_a_difference_that_just_fits_is_complete() -> None:
    shown = difference("", "x\n" * (MAX_LINES - 3))

    assert len(shown) == MAX_LINES
    assert shown[-1] == "+x"


def test_a_long_line_is_cut_and_says_so() -> None:
    fits, cut = difference("", f"{'x' * (MAX_WIDTH - 1)}\n{'y' * MAX_WIDTH}\n")[-2:]

    assert fits == "+" + "x" * (MAX_WIDTH - 1)
    assert len(cut) == MAX_WIDTH
    assert cut.endswith("y ...")


def test_a_terminal_is_not_steered() -> None:
    assert difference("", "\x1b[31mred\n")[-1] == "+\\x1b[31mred"
