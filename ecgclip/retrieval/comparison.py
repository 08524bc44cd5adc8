"""What one comparison of a filter means, as a parameterised SQL condition on the table `cases`.

Every comparison is true or false, never NULL: one with a value that is not known is false, so `age > 60`
leaves the cases of unknown age out and `not age > 60` keeps them. `!=` is `not =`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
    """A condition on the table `cases` and its parameters; the function `casefold` is the store's."""

    text: str
    parameters: tuple[str | float, ...] = ()


def compare(field: str, operator: str, value: str, *, is_unknown: bool = False) -> Sql:
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


def negated(sql: Sql) -> Sql:
    return Sql(f"(NOT {sql.text})", sql.parameters)


def joined(word: str, parts: Sequence[Sql]) -> Sql:
    """The conditions joined by `and` or `or`, as a balanced tree: SQLite takes no deep ones."""
    if len(parts) == 1:
        return parts[0]
    first, last = (joined(word, half) for half in (parts[: len(parts) // 2], parts[len(parts) // 2 :]))
    return Sql(f"({first.text} {word.upper()} {last.text})", first.parameters + last.parameters)


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
