"""Generic arguments, however they reach the class."""

from typing import Annotated, Any, Generic, Literal, Union, cast

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType, TypeVar

from chanx.generic.parameters import generic_arguments, is_absent, is_open, union_members

A = TypeVar("A")
B = TypeVar("B", default=None)
C = TypeVar("C", default=int)
X = TypeVar("X")
Y = TypeVar("Y")


class Root(Generic[A, B, C]):
    """Three parameters; two have a default."""


class Wrapper(BaseModel, Generic[X]):
    inside: X


Alias = TypeAliasType("Alias", int | str)
Nested = TypeAliasType("Nested", Annotated[Alias | bytes, Field(description="d")])
GenericAlias = TypeAliasType("GenericAlias", X | list[X], type_params=(X,))


class Later:
    """Named in quotes above its definition, as far as ``Quoted`` is concerned."""


def arguments(cls: type) -> dict[str, Any]:
    return dict(generic_arguments(cls, Root))


def test_written_arguments_and_defaults() -> None:
    class All(Root[str, bytes, float]): ...

    class Two(Root[str, bytes]): ...

    class One(Root[str]): ...

    class Bare(Root): ...  # type: ignore[type-arg]  # the argument that is not written is the test

    assert arguments(All) == {"A": str, "B": bytes, "C": float}
    assert arguments(Two) == {"A": str, "B": bytes, "C": int}
    assert arguments(One) == {"A": str, "B": None, "C": int}
    assert arguments(Bare) == {"A": A, "B": None, "C": int}
    assert is_open(arguments(Bare)["A"])


def test_each_parameter_may_come_through_an_intermediate_generic_base() -> None:
    class First(Root[X, bytes, float], Generic[X]): ...

    class Second(Root[str, X, float], Generic[X]): ...

    class Third(Root[str, bytes, X], Generic[X]): ...

    class Swapped(Root[Y, X, float], Generic[X, Y]): ...

    class FromFirst(First[int]): ...

    class FromSecond(Second[int]): ...

    class FromThird(Third[int]): ...

    class FromSwapped(Swapped[int, str]): ...

    assert arguments(FromFirst) == {"A": int, "B": bytes, "C": float}
    assert arguments(FromSecond) == {"A": str, "B": int, "C": float}
    assert arguments(FromThird) == {"A": str, "B": bytes, "C": int}
    assert arguments(FromSwapped) == {"A": str, "B": int, "C": float}
    assert arguments(First) == {"A": X, "B": bytes, "C": float}


def test_through_several_bases_one_after_the_other() -> None:
    class Middle(Root[X, Y], Generic[X, Y]): ...

    class Narrow(Middle[str, Y], Generic[Y]): ...

    class Concrete(Narrow[bytes]): ...

    class Child(Concrete): ...

    assert arguments(Narrow) == {"A": str, "B": Y, "C": int}
    assert arguments(Child) == {"A": str, "B": bytes, "C": int}


def test_a_parameter_inside_an_argument_is_filled_in() -> None:
    class Listed(Root[list[Y], Wrapper[Y], Y | None], Generic[Y]): ...

    class Concrete(Listed[int]): ...

    assert [is_open(value) for value in arguments(Listed).values()] == [True, True, True]
    assert arguments(Concrete) == {"A": list[int], "B": Wrapper[int], "C": int | None}
    assert not any(is_open(value) for value in arguments(Concrete).values())


def test_of_two_bases_the_first_that_gives_something_counts() -> None:
    class WithB(Root[X, bytes], Generic[X]): ...

    class WithA(Root[str, None]): ...

    class Both(WithA, WithB[Any]): ...  # pyright: ignore[reportGeneralTypeIssues]  # B is given twice: the test

    class Plain: ...

    class Mixed(Plain, WithA): ...

    assert arguments(Both) == {"A": str, "B": bytes, "C": int}
    assert arguments(Mixed) == {"A": str, "B": type(None), "C": int}


def test_a_name_in_quotes_is_what_the_module_means_at_any_depth() -> None:
    class Quoted(Root["Later", "list[Later] | None", Annotated["Later", 1]]): ...

    assert arguments(Quoted) == {"A": Later, "B": list[Later] | None, "C": Annotated[Later, 1]}


def test_a_name_that_the_module_does_not_know_raises() -> None:
    class Unknown(Root["NowhereDefined"]):  # type: ignore[name-defined]  # the unknown name is the test
        ...

    with pytest.raises(NameError, match="NowhereDefined"):
        arguments(Unknown)


@pytest.mark.parametrize(
    ("annotation", "members"),
    [
        (int, [int]),
        (int | str, [int, str]),
        (int | str | None, [int, str]),
        (Union[int, None], [int]),  # noqa: UP007 - typing's form is an object of another class
        (None, []),
        (type(None), []),
        (Annotated[int | str, Field(discriminator="action")], [int, str]),
        (Annotated[int, 1] | Annotated[str | None, 2], [int, str]),
        (Alias, [int, str]),
        (Nested, [int, str, bytes]),
        (Nested | float, [int, str, bytes, float]),
        (GenericAlias[int], [int, list[int]]),
        (GenericAlias[int] | str, [int, list[int], str]),
    ],
    ids=str,
)
def test_the_members_of_a_union(annotation: Any, members: list[Any]) -> None:
    assert union_members(annotation) == members


def test_absent() -> None:
    assert is_absent(None)
    assert is_absent(type(None))
    assert not is_absent(int)


def test_open_is_what_still_holds_a_type_parameter() -> None:
    Wrapper: Any = globals()["Wrapper"]  # for type checkers, a type parameter has no meaning outside a class
    Y: Any = globals()["Y"]
    open_ones: list[Any] = [Y, list[Y], Wrapper[Y], Wrapper[list[Y]], Wrapper[Y] | None, Annotated[Wrapper[Y], 1]]
    closed: list[Any] = [int, Wrapper[int], Wrapper, int | None, Wrapper[int] | str, Literal["X"], None]
    assert [is_open(each) for each in open_ones] == [True] * len(open_ones)
    assert [is_open(each) for each in closed] == [False] * len(closed)


def test_a_model_with_the_same_type_parameter_as_the_class_is_open_in_it() -> None:
    """To pydantic, ``Wrapper[X]`` is ``Wrapper`` itself: X is its own name for the parameter."""

    class Shared(Root[Wrapper[X] | bytes], Generic[X]): ...

    class Concrete(Shared[int]): ...

    argument = arguments(Shared)["A"]
    assert argument == cast("Any", Wrapper) | bytes
    assert is_open(argument, Shared.__parameters__)  # type: ignore[attr-defined]  # mypy does not know it
    assert not is_open(argument)
    assert arguments(Concrete)["A"] == Wrapper[int] | bytes


def test_models_inside_unions_are_filled_in() -> None:
    class Listed(Root[Wrapper[Y] | list[Wrapper[Y]] | None, Annotated[Wrapper[Y] | str, "kept"]], Generic[Y]): ...

    class Concrete(Listed[int]): ...

    assert is_open(arguments(Listed)["A"])
    assert arguments(Concrete)["A"] == Wrapper[int] | list[Wrapper[int]] | None
    assert arguments(Concrete)["B"] == Annotated[Wrapper[int] | str, "kept"]
