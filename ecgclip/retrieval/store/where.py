"""Filters for a search, such as `sex = "female" and age > 60`, compiled to parameterised SQL.

    expression := both { "or" both }
    both       := single { "and" single }
    single     := "not" single | "(" expression ")" | comparison
    comparison := FIELD OPERATOR VALUE | FIELD ["not"] "in" "(" VALUE { "," VALUE } ")"

Fields, operators and what a comparison means stand in `comparison.py`. A VALUE is a number, a quoted string,
a bare word, or `unknown`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, NoReturn

from ecgclip.errors import FilterError
from ecgclip.retrieval.store.comparison import FIELDS, Condition, among, compare, joined, negated

MAX_LENGTH: Final = 4000
"""Characters: a filter that a person typed; keeps SQL far from its limits."""
MAX_DEPTH: Final = 50
_KEYWORDS: Final = ("and", "or", "not", "in")
_EXAMPLE: Final = 'something like  sex = "female" and age > 60  or  code in (AFIB, AFLT)'
_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<string>"[^"]*"|'[^']*')|(?P<number>[-+]?\d+(?:\.\d+)?(?![\w.]))"""
    r"""|(?P<operator><=|>=|!=|<>|==|=|<|>|~)|(?P<mark>[(),])|(?P<word>[\w./+-]+))"""
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def compile_where(expression: str) -> Condition:
    """The condition of a filter; FilterError says what was not understood and where.

    >>> compile_where('sex = unknown or not sex = "female"')
    Sql(text='((cases.sex IS NULL) OR (NOT (cases.sex IS ?)))', parameters=('female',))
    """
    if len(expression) > MAX_LENGTH:
        raise FilterError(f"the filter has {len(expression)} characters; expected at most {MAX_LENGTH}")
    return _Parser(_tokens(expression)).parse()


def _tokens(expression: str) -> list[_Token]:
    tokens, at = [], 0
    while expression[at:].strip():
        found = _TOKEN.match(expression, at)
        if found is None or found.lastgroup is None:
            rest = expression[at:].lstrip()
            start = len(expression) - len(rest) + 1
            raise FilterError(f"the filter has {rest[:20]!r} at character {start}; expected {_EXAMPLE}")
        tokens.append(_Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup) + 1))
        at = found.end()
    return tokens


class _Parser:
    """Recursive descent over the tokens of one filter."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def parse(self) -> Condition:
        if not self._tokens:
            raise FilterError(f"the filter is empty; expected {_EXAMPLE}")
        sql = self._either()
        if self._next < len(self._tokens):
            self._fail("and, or, or the end")
        return sql

    def _either(self) -> Condition:
        return self._chain("or", self._both)

    def _both(self) -> Condition:
        return self._chain("and", self._single)

    def _chain(self, word: str, part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self._take_word(word):
            parts.append(part())
        return joined(word, parts)

    def _single(self) -> Condition:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FilterError(f"the filter nests deeper than {MAX_DEPTH} levels; write it flatter")
        sql = self._negated() if self._take_word("not") else self._group_or_comparison()
        self._depth -= 1
        return sql

    def _negated(self) -> Condition:
        return negated(self._single())

    def _group_or_comparison(self) -> Condition:
        if not self._take_mark("("):
            return self._comparison()
        inner = self._either()
        self._expect_mark(")")
        return inner

    def _comparison(self) -> Condition:
        field = self._field()
        if self._take_word("not"):
            if not self._take_word("in"):
                self._fail("in")
            return negated(self._among(field))
        if self._take_word("in"):
            return self._among(field)
        token = self._peek()
        if token is None or token.kind != "operator":
            self._fail(f"= != < <= > >= ~ or in after {field}")
        self._next += 1
        return self._compared(field, token.text)

    def _field(self) -> str:
        token = self._peek()
        if token is None or token.kind != "word" or token.text.lower() in _KEYWORDS:
            self._fail(f"a field ({', '.join(FIELDS)})")
        name = token.text.lower()
        if name not in FIELDS:
            near = get_close_matches(name, FIELDS, 1, 0.5)
            hint = f"did you mean {near[0]}? " if near else ""
            raise FilterError(
                f"the filter's field {token.text!r} is unknown; {hint}fields: {', '.join(FIELDS)}"
            )
        self._next += 1
        return name

    def _among(self, field: str) -> Condition:
        self._expect_mark("(")
        values = [self._value()]
        while self._take_mark(","):
            values.append(self._value())
        self._expect_mark(")")
        if any(map(_is_unknown, values)):
            parts = [compare(field, "=", _unquoted(one), is_unknown=_is_unknown(one)) for one in values]
            return joined("or", parts)
        return among(field, [_unquoted(one) for one in values])

    def _compared(self, field: str, operator: str) -> Condition:
        value = self._value()
        return compare(field, operator, _unquoted(value), is_unknown=_is_unknown(value))

    def _value(self) -> _Token:
        token = self._peek()
        if token is None or token.kind in ("operator", "mark"):
            self._fail("a value")
        self._next += 1
        return token

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take_word(self, word: str) -> bool:
        token = self._peek()
        taken = token is not None and token.kind == "word" and token.text.lower() == word
        self._next += taken
        return taken

    def _take_mark(self, mark: str) -> bool:
        token = self._peek()
        taken = token is not None and token.kind == "mark" and token.text == mark
        self._next += taken
        return taken

    def _expect_mark(self, mark: str) -> None:
        if not self._take_mark(mark):
            self._fail(mark)

    def _fail(self, expected: str) -> NoReturn:
        token = self._peek()
        found = f"has {token.text!r} at character {token.at}" if token else "ends too early"
        raise FilterError(f"the filter {found}; expected {expected}")


def _unquoted(token: _Token) -> str:
    return token.text[1:-1] if token.kind == "string" else token.text


def _is_unknown(token: _Token) -> bool:
    return token.kind == "word" and token.text.lower() == "unknown"
