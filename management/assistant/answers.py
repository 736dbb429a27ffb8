"""Finds the section of ``help.md`` that answers a question: a small full-text search, the same every time."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_HELP: Final = Path(__file__).with_name("help.md")
_SECTION: Final = re.compile(r"^## (?P<title>.+)\nwords: (?P<words>.+)\n(?P<text>(?:.+\n)+)", re.MULTILINE)
_WORD: Final = re.compile(r"[a-z_]{2,}|\d{4}")
_TOKEN: Final = re.compile(r"\S+\s*")
#: Endings that make no difference to what is asked, longest first.
_ENDINGS: Final = ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "e", "y")
#: A word of the title, and a word that people ask with, says more than one of the text.
_TITLE_WEIGHT: Final = 3
_WORDS_WEIGHT: Final = 2


@dataclass(frozen=True, slots=True)
class Section:
    """An answer, and the stems that lead to it with their weights."""

    title: str
    text: str
    weights: Counter[str]


def answer(question: str) -> str:
    """The text that answers best; a list of what can be asked when no word of the question is known."""
    scored = [(_score(question, section), section) for section in sections()]
    # The first of equals: the order of the file is the order of importance.
    best_score, best = max(scored, key=lambda pair: pair[0])
    if best_score > 0:
        return best.text
    known = ", ".join(section.title.lower() for section in sections())
    return f"I know nothing about that. Ask me about one of these: {known}."


def tokens(text: str) -> list[str]:
    """The text in pieces of one word, each with the space after it; joined, they are the text again."""
    return _TOKEN.findall(text)


@cache
def sections() -> Sequence[Section]:
    """The sections of ``help.md``, in its order."""
    return [
        Section(
            title=found["title"],
            text=" ".join(found["text"].split()),
            weights=Counter(
                _stems(found["title"]) * _TITLE_WEIGHT + _stems(found["words"]) * _WORDS_WEIGHT + _stems(found["text"])
            ),
        )
        for found in _SECTION.finditer(_HELP.read_text(encoding="utf-8"))
    ]


def _score(question: str, section: Section) -> float:
    """How well a section answers: rare words count more (tf-idf), repeated ones less and less."""
    return sum(math.log1p(section.weights[stem]) * _rarity(stem) for stem in set(_stems(question)))


@cache
def _rarity(stem: str) -> float:
    holding = sum(stem in section.weights for section in sections())
    return math.log(len(sections()) / holding) if holding else 0.0


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.lower())]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
