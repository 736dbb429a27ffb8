"""Random statements, laid out: ruff leaves them as they are."""

import subprocess
import sys
from pathlib import Path
from random import Random

from chanx_asyncapi.codegen.python.layout import Choice, Expression, Group, Keyword, assignment, flat, lines, width


def random_expression(random: Random, depth: int) -> Expression:
    """An annotation, as the generator makes them."""

    def inner() -> Expression:
        return random_expression(random, depth - 1)

    kind = random.randrange(8) if depth else 0
    match kind:
        case 0 | 1:
            return "N" + "a" * random.randrange(1, 40)
        case 2:
            literals: list[Expression] = [f'"{"x" * random.randrange(30)}"' for _ in range(random.randrange(1, 6))]
            return Group("Literal[", literals, "]", comma=False)
        case 3:
            return Group("list[", [inner()], "]", comma=False)
        case 4:
            return Group("dict[", ["str", inner()], "]")
        case 5:
            limits: list[Expression] = [
                Keyword(name, str(random.randrange(10**6))) for name in ("ge", "le", "multiple_of")
            ]
            return Group("Annotated[", [inner(), Group("Field(", limits[: random.randrange(1, 4)], ")")], "]")
        case 6:
            return Group("tuple[", [inner() for _ in range(random.randrange(1, 4))], "]", comma=False)
        case _:
            return Choice([inner() for _ in range(random.randrange(2, 5))])


def test_ruff_leaves_it_as_it_is(tmp_path: Path) -> None:
    random = Random(7)
    text = ["class A:"]
    for number in range(600):
        default = random.choice([None, "None", "True", "5", "1.5", f'"{"d" * random.randrange(100)}"'])
        text += assignment(f"field_{number}", random_expression(random, 4), default, indent="    ")
    text += ["", ""]
    for number in range(200):
        text += lines(random_expression(random, 4), indent="", before=f"Name{number}: TypeAlias = ")
    for number in range(200):
        parameters: list[Expression] = [Keyword(f"p{index}", random_expression(random, 1), ": ") for index in range(3)]
        function = lines(
            Group("(", ["self", *parameters], ")"), indent="", before=f"def f{number}", after=" -> None: ..."
        )
        text += ["", "", *function]
    file = tmp_path / "laid_out.py"
    file.write_text("\n".join(text) + "\n")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "--diff", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    changed = [
        line
        for line in done.stdout.splitlines()
        if line[:1] in "+-" and line[1:].strip() and line[:3] not in ("+++", "---")
    ]
    assert changed == [], done.stdout


def test_columns() -> None:
    assert width("abc") == 3
    assert width("日本") == 4
    assert width("e\u0301") == 1
    assert flat(Group("f(", [Keyword("a", "1"), Choice(["A", "B"])], ")")) == "f(a=1, A | B)"
