"""What one comparison of a filter means, as a parameterised SQL condition on the table `cases`.

Every comparison is true or false, never NULL: one with a value that is not known is false, so `age > 60`
leaves the cases of unknown age out and `not age > 60` keeps them. `!=` is `not =`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ecgclip.errors import FilterError
from ecgclip.retrieval.case import COLUMNS, Comparison


@dataclass(frozen=True)
class FilterField:
    """A field of a filter: its column in the table `cases`, and how its values are compared."""

    column: str
    comparison: Comparison


FIELDS: Final = {
    column.filter_name or name: FilterField(name, column.comparison)
    for name, column in COLUMNS.items()
    if column.comparison is not None
}
_OPERATORS: Final = {
    Comparison.NUMBER: ("=", "!=", "<", "<=", ">", ">="),
    Comparison.TEXT: ("=", "!=", "~"),
    Comparison.SEX: ("=", "!="),
    Comparison.CODE: ("=", "!=", "~"),
}
_SYNONYMS: Final = {"==": "=", "<>": "!="}
_SEXES: Final = {"male": "male", "m": "male", "female": "female", "f": "female"}


@dataclass(frozen=True)
class Sql:
    """A condition on the table `cases` and its parameters; it may call `casefold`, which the store defines.

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
    column, kind = FIELDS[field].column, FIELDS[field].comparison
    if operator not in _OPERATORS[kind]:
        known = " ".join(_OPERATORS[kind])
        raise FilterError(f"the filter compares {field} by {operator}; expected one of {known} or in (...)")
    if operator == "!=":
        return negated(compare(field, "=", value, is_unknown=is_unknown))
    if is_unknown and kind is not Comparison.CODE:
        return _unknown(column, operator)
    match kind:
        case Comparison.NUMBER:
            return _number(column, operator, value)
        case Comparison.SEX:
            return Sql(f"(cases.{column} IS ?)", (_sex(value),))
        case Comparison.CODE:
            return _code(column, operator, value)
        case Comparison.TEXT:
            return _text(column, operator, value)


def among(field: str, values: Sequence[str]) -> Condition:
    """The condition `field in (values)`: each case is looked at once, however many values there are."""
    parts = [compare(field, "=", value) for value in values]
    if FIELDS[field].comparison is not Comparison.CODE or len(parts) == 1:
        return joined("or", parts)
    marks = ",".join("?" * len(values))
    return Sql(
        f"EXISTS (SELECT 1 FROM json_each(cases.{FIELDS[field].column}) WHERE casefold(key) IN ({marks}))",
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


def _unknown(column: str, operator: str) -> Sql:
    if operator != "=":
        raise FilterError(f"the filter compares {column} by {operator} with unknown; expected = or !=")
    return Sql(f"(cases.{column} IS NULL)")


def _number(column: str, operator: str, value: str) -> Sql:
    try:
        number = float(value)
    except ValueError:
        raise FilterError(f"the filter compares {column} with {value!r}; expected a number") from None
    return Sql(f"(cases.{column} IS NOT NULL AND cases.{column} {operator} ?)", (number,))


def _sex(value: str) -> str:
    if value.lower() not in _SEXES:
        raise FilterError(f"the filter compares sex with {value!r}; expected female, male or unknown")
    return _SEXES[value.lower()]


def _text(column: str, operator: str, value: str) -> Sql:
    if operator == "~":
        return Sql(
            f"(cases.{column} IS NOT NULL AND instr(casefold(cases.{column}), ?) > 0)", (value.casefold(),)
        )
    return Sql(f"(cases.{column} IS ?)", (value,))


def _code(column: str, operator: str, value: str) -> Sql:
    test = "instr(casefold(key), ?) > 0" if operator == "~" else "casefold(key) = ?"
    return Sql(f"EXISTS (SELECT 1 FROM json_each(cases.{column}) WHERE {test})", (value.casefold(),))
