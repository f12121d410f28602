"""Words of texts, as a search compares them: which there are, whether a text has them, and the passage around them.

Case, diacritics, and how a letter is spelled in Unicode do not matter: ``strasse`` finds ``Straße``, ``cafe`` finds
``Café``. A word is found where a word of the text begins with it. Scripts without spaces, such as Chinese, Japanese or
Thai, have no such place: there it is found anywhere. So is a symbol, such as an emoji; punctuation does not count.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from chat.errors import BadField
from chat.texts import whole

MAX_WORDS = 8
"""Words of one query."""
PASSAGE = 200
"""Characters of a passage."""
EXCERPT = 3000
"""Characters from the beginning of a text that are kept as they are; passages are made of them."""
MAX_OTHERS = 1500
"""Words that are kept of the rest."""
MAX_OTHERS_LENGTH = 10_000
"""Characters of these."""
MAX_WORD = 64
"""Characters of each that are kept, in a script with spaces."""
_BEHIND_BEGINNING = "\0"
_LEAD = 60
"""Characters of a passage in front of the word."""

_IGNORED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
"""Diacritics of Latin, Greek, Cyrillic, Hebrew and Arabic, and what is not seen. Marks of other scripts are letters."""
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u3096\u3099\u309a\u309d-\u309f"
    "\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Tibetan, Burmese, Khmer, kana, bopomofo, Han."""
_LETTER = rf"(?![{_UNSPACED}])[\w\u0900-\u0963\u0966-\u0dff]"
"""A letter or digit of a script with spaces, or a mark of an Indian one."""
_WORD = re.compile(rf"[{_UNSPACED}]+|(?:{_LETTER})+")
_RUN = re.compile(rf"{_WORD.pattern}|[^\w\s]")
_FOUND_ANYWHERE = re.compile(rf"[{_UNSPACED}]|[^\w]")


def fold(text: str) -> str:
    """``text`` without what does not matter. Character by character: of two texts in one, each is what it is alone."""
    if text.isascii():
        return text.lower().replace("_", " ")
    return _IGNORED.sub("", unicodedata.normalize("NFKD", text)).casefold().replace("_", " ")


@dataclass(frozen=True)
class Words:
    """What is looked for, all of it."""

    words: tuple[str, ...]
    """Folded."""

    @classmethod
    def of(cls, text: str) -> Words:
        """The words that somebody has typed.

        Raises:
            BadField: there is none, or more than 8.
        """
        runs = (run[0] for run in _RUN.finditer(fold(text)))
        words = tuple(dict.fromkeys(run for run in runs if _WORD.match(run) or _is_symbol(run)))
        if not words:
            raise BadField("words has no letter, digit or symbol to look for", field="words")
        if len(words) > MAX_WORDS:
            raise BadField(
                f"words has {len(words)} words, allowed are {MAX_WORDS}",
                field="words",
                limit=MAX_WORDS,
                given=len(words),
            )
        return cls(words)

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(word, re.compile(_beginning(word))) for word in self.words]

    def are_in(self, *texts: str) -> bool:
        """Whether each word is in one of some folded texts."""
        return all(any(_place(text, *each) is not None for text in texts) for each in self._patterns)

    def passage(self, text: str) -> str:
        """At most 200 characters of ``text``, on one line, around the first of the words that it has; without any, its
        beginning. No character is cut, however many code points make it.
        """
        line = " ".join(text.split())
        folded = fold(line)
        places = (_place(folded, *each) for each in self._patterns)
        place = next((each for each in places if each is not None), 0)
        return _around(line, bisect_right(range(len(line)), place, key=lambda end: len(fold(line[:end]))) - 1)


def pack(text: str, also: Iterable[str] = ()) -> bytes:
    """What a search needs of a long text, small: how it begins, and the other words of it and of ``also``, each once,
    up to the limits above."""
    beginning = text[:EXCERPT].replace(_BEHIND_BEGINNING, " ")
    behind = text[max(map(beginning.rfind, " \n"), default=-1) + 1 :] if len(text) > EXCERPT else ""
    known = set(_words(beginning))
    others = dict.fromkeys(word for each in (*also, behind) for word in _words(each) if word not in known)
    kept, room = [], MAX_OTHERS_LENGTH
    for word in islice(others, MAX_OTHERS):
        room -= len(word) + 1
        if room < 0:
            break
        kept.append(word)
    packed = beginning + _BEHIND_BEGINNING + " ".join(kept)
    return zlib.compress(packed.encode(errors="replace"), 9)


def unpack(packed: bytes) -> tuple[str, str]:
    """How a text begins, and its other words, folded and with spaces between them."""
    beginning, _, others = zlib.decompress(packed).decode().partition(_BEHIND_BEGINNING)
    return beginning, others


def _words(text: str) -> Iterable[str]:
    runs = (match[0] for match in _WORD.finditer(fold(text)))
    return (run if _FOUND_ANYWHERE.match(run) else run[:MAX_WORD] for run in runs)


def _is_symbol(character: str) -> bool:
    return unicodedata.category(character).startswith("S")


def _beginning(word: str) -> str:
    """The pattern of a word where it counts."""
    return re.escape(word) if _FOUND_ANYWHERE.match(word) else rf"(?<!{_LETTER}){re.escape(word)}"


def _place(text: str, word: str, pattern: re.Pattern[str]) -> int | None:
    if word not in text:  # a hundred times quicker, and what most texts are
        return None
    found = pattern.search(text)
    return found.start() if found else None


def _around(line: str, place: int) -> str:
    """At most 200 characters of a line with that at ``place`` in sight, from the beginning of a word if it can be."""
    if len(line) <= PASSAGE:
        return line
    begin = max(0, min(place - _LEAD, len(line) - PASSAGE))
    if begin:
        space = line.find(" ", begin, place)
        begin = whole(line, space + 1 if space >= 0 else begin)
    front = "…" if begin else ""
    end = begin + PASSAGE - len(front)
    if end >= len(line):
        return front + line[begin:]
    end = whole(line, end - 1)
    return f"{front}{line[begin:end].rstrip()}…" if end > begin else ""
