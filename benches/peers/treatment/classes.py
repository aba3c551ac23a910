"""Value classes: a policy's words for functions that accept a text or not."""

import re

DATE = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
SCHEMA_VERSION = r"[0-9]{1,3}-[0-9]{1,3}-[0-9]{1,3}"
TIMESTAMP = re.compile(
    rf"(?P<time>{DATE}[ T]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60))"
    r"(?P<fraction>\.[0-9]{1,9})?(?P<zone>Z| UTC|[+-][0-9]{2}:[0-9]{2})?"
)
AREAS = "Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Etc|Europe|Indian|Pacific"
BUILTINS = {
    "uuid": "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "timestamp": TIMESTAMP.pattern,
    "date": DATE,
    "version": "[0-9][A-Za-z0-9.+-]{0,31}",
    "boolean": "true|false|0|1",
    "country": "[A-Z]{2}",
    "region": "[A-Z0-9]{1,3}",
    "language": "(?=.{1,12}$)[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,4})*",
    "currency": "[A-Z]{3}",
    "timezone": rf"UTC|GMT|(?=.{{1,40}}$)({AREAS})(/[A-Za-z0-9_+-]+){{1,2}}",
    "mime": r"[A-Za-z0-9+._-]{1,40}/[A-Za-z0-9+._-]{1,40}(;\s*charset=[A-Za-z0-9+._-]{1,40})?",
    "iglu_uri": rf"iglu:[A-Za-z0-9._-]{{1,60}}/[A-Za-z0-9._-]{{1,60}}/jsonschema/{SCHEMA_VERSION}",
    "schema_version": SCHEMA_VERSION,
    "empty_object": r"\{\}",
}
INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?")
DECIMAL_CHARACTERS_MAX = 40
FRACTION_DIGITS_READ_MAX = 20


def decimal(text, digits):
    """A number in plain notation with so many fraction digits at most, or None."""
    match = DECIMAL.fullmatch(text)
    if not match or len(text) > DECIMAL_CHARACTERS_MAX:
        return None
    fraction = match[1] or "0"
    return float(text) if fraction == "0" or len(fraction) <= digits else None


def integer_class(least, most):
    def accepts(text):
        return INTEGER.fullmatch(text) is not None and least <= int(text) <= most

    return accepts


def decimal_class(least, most, digits):
    def accepts(text):
        number = decimal(text, digits)
        return number is not None and least <= number <= most

    return accepts


def any_class(parts):
    def accepts(text):
        for part in parts:
            if part(text):
                return True
        return False

    return accepts


class Classes(dict):
    """The named ones."""

    def __init__(self, definitions):
        super().__init__({name: re.compile(pattern).fullmatch for name, pattern in BUILTINS.items()})
        for name, definition in definitions.items():
            self[name] = self.of(definition)

    def of(self, definition):
        """A class by its name or its definition."""
        if isinstance(definition, str):
            return self[definition]
        [(kind, inner)] = definition.items()
        if kind == "enum":
            return frozenset(inner).__contains__
        if kind == "regex":
            return re.compile(inner).fullmatch
        if kind == "any_of":
            return any_class([self.of(part) for part in inner])
        if kind == "integer":
            return integer_class(int(inner["min"]), int(inner["max"]))
        if kind == "decimal":
            return decimal_class(float(inner["min"]), float(inner["max"]), int(inner["digits"]))
        raise ValueError(f"{kind} is no class")
