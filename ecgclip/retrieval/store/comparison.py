"""What one comparison of a filter means, as a parameterised SQL condition on the table `cases`.

Every comparison is true or false, never NULL: one with a value that is not known is false, so `age > 60`
leaves the cases of unknown age out and `not age > 60` keeps them. `!=` is `not =`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ecgclip.errors import FilterError


class Kind(StrEnum):
    """How the values of a field are compared."""

    NUMBER = "number"
    TEXT = "text"
    SEX = "sex"
    CODE = "code"


FIELDS: Final = {
    "sex": Kind.SEX,
    "age": Kind.NUMBER,
    "source": Kind.TEXT,
    "patient_id": Kind.TEXT,
    "fold": Kind.NUMBER,
    "report": Kind.TEXT,
    "code": Kind.CODE,
    "case_id": Kind.TEXT,
}
_OPERATORS: Final = {
    Kind.NUMBER: ("=", "!=", "<", "<=", ">", ">="),
    Kind.TEXT: ("=", "!=", "~"),
    Kind.SEX: ("=", "!="),
    Kind.CODE: ("=", "!=", "~"),
}
_SYNONYMS: Final = {"==": "=", "<>": "!="}
_SEXES: Final = {"male": "male", "m": "male", "female": "female", "f": "female"}


@dataclass(frozen=True)
class Sql:
    """A condition on the table `cases` and its parameters; the function `casefold` is the store's.

    depth: of the nested parts of the text; negates: the condition that this one is the opposite of.
    """

    text: str
    parameters: tuple[str | float, ...] = ()
    depth: int = field(default=1, repr=False)
    negates: "Sql | None" = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Tree:
    """Conditions joined by `and` or `or`, or one under `not`: nested too deep for one statement of SQLite."""

    word: str
    parts: "tuple[Condition, ...]"


Condition = Sql | Tree
MAX_SQL_DEPTH: Final = 20
"""SQLite's parser has a stack of 100 symbols, of which a part in brackets takes three. What nests deeper is
put together from the rows that each part allows."""


def compare(field: str, operator: str, value: str, *, is_unknown: bool = False) -> Condition:
    """The condition `field operator value`; is_unknown: the value is the word `unknown`, not a string."""
    operator = _SYNONYMS.get(operator, operator)
    kind = FIELDS[field]
    if operator not in _OPERATORS[kind]:
        known = " ".join(_OPERATORS[kind])
        raise FilterError(f"the filter compares {field} by {operator}; expected one of {known} or in (...)")
    if operator == "!=":
        return negated(compare(field, "=", value, is_unknown=is_unknown))
    if is_unknown and kind is not Kind.CODE:
        return _unknown(field, operator)
    match kind:
        case Kind.NUMBER:
            return _number(field, operator, value)
        case Kind.SEX:
            return Sql("(cases.sex IS ?)", (_sex(value),))
        case Kind.CODE:
            return _code(operator, value)
        case Kind.TEXT:
            return _text(field, operator, value)


def among(field: str, values: Sequence[str]) -> Condition:
    """The condition `field in (values)`: one look at each case, however many values there are."""
    parts = [compare(field, "=", value) for value in values]
    if FIELDS[field] is not Kind.CODE or len(parts) == 1:
        return joined("or", parts)
    marks = ",".join("?" * len(values))
    return Sql(
        f"EXISTS (SELECT 1 FROM json_each(cases.codes) WHERE casefold(key) IN ({marks}))",
        tuple(value.casefold() for value in values),
    )


def negated(condition: Condition) -> Condition:
    """The opposite; that of an opposite is the condition itself."""
    if isinstance(condition, Tree):
        return condition.parts[0] if condition.word == "not" else Tree("not", (condition,))
    if condition.negates is not None:
        return condition.negates
    if condition.depth >= MAX_SQL_DEPTH:
        return Tree("not", (condition,))
    return Sql(f"(NOT {condition.text})", condition.parameters, condition.depth + 1, condition)


def joined(word: str, parts: Sequence[Condition]) -> Condition:
    """The conditions joined by `and` or `or`, as a balanced tree: SQLite takes no deep ones."""
    if len(parts) == 1:
        return parts[0]
    first, last = (joined(word, half) for half in (parts[: len(parts) // 2], parts[len(parts) // 2 :]))
    if isinstance(first, Tree) or isinstance(last, Tree) or max(first.depth, last.depth) >= MAX_SQL_DEPTH:
        return Tree(word, (first, last))
    depth = max(first.depth, last.depth) + 1
    return Sql(f"({first.text} {word.upper()} {last.text})", first.parameters + last.parameters, depth)


def _unknown(field: str, operator: str) -> Sql:
    if operator != "=":
        raise FilterError(f"the filter compares {field} by {operator} with unknown; expected = or !=")
    return Sql(f"(cases.{field} IS NULL)")


def _number(field: str, operator: str, value: str) -> Sql:
    try:
        number = float(value)
    except ValueError:
        raise FilterError(f"the filter compares {field} with {value!r}; expected a number") from None
    return Sql(f"(cases.{field} IS NOT NULL AND cases.{field} {operator} ?)", (number,))


def _sex(value: str) -> str:
    if value.lower() not in _SEXES:
        raise FilterError(f"the filter compares sex with {value!r}; expected female, male or unknown")
    return _SEXES[value.lower()]


def _text(field: str, operator: str, value: str) -> Sql:
    if operator == "~":
        return Sql(
            f"(cases.{field} IS NOT NULL AND instr(casefold(cases.{field}), ?) > 0)", (value.casefold(),)
        )
    return Sql(f"(cases.{field} IS ?)", (value,))


def _code(operator: str, value: str) -> Sql:
    test = "instr(casefold(key), ?) > 0" if operator == "~" else "casefold(key) = ?"
    return Sql(f"EXISTS (SELECT 1 FROM json_each(cases.codes) WHERE {test})", (value.casefold(),))
