"""Treatments: from a word or a map of the policy to a function from a text to what takes its place."""

import ipaddress
import re

from .classes import TIMESTAMP, decimal
from .rules import Rule

FRACTION_DIGITS_READ_MAX = 20
KEPT_OF_TIME = {"second": 19, "minute": 16, "hour": 13, "day": 10}
DIGIT = re.compile("[0-9]")


def nothing(text):
    return ""


def only_pseudonym(text):
    return None


def keep(accepts):
    return lambda text: text if accepts(text) else None


def truncate_ip(v4, v6):
    def apply(text):
        if "%" in text:
            return None
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return None
        hidden = address.max_prefixlen - (v4 if address.version == 4 else v6)
        return str(type(address)(int(address) >> hidden << hidden))

    return apply


def round_to(digits):
    def apply(text):
        number = decimal(text, FRACTION_DIGITS_READ_MAX)
        if number is None:
            return None
        rounded = f"{number:.{digits}f}"
        return rounded if rounded.strip("-0.") else rounded.removeprefix("-")

    return apply


def truncate_time(unit):
    kept = KEPT_OF_TIME[unit]

    def apply(text):
        match = TIMESTAMP.fullmatch(text)
        if not match:
            return None
        fraction = ".000" if match["fraction"] else ""
        return text[:kept] + DIGIT.sub("0", text[kept:19]) + fraction + (match["zone"] or "")

    return apply


def bucket(bounds):
    falling = [(float(bound), bound) for bound in reversed(bounds)]

    def apply(text):
        number = decimal(text, FRACTION_DIGITS_READ_MAX)
        if number is None:
            return None
        return next((shown for bound, shown in falling if bound <= number), None)

    return apply


def rule_of(treatment, classes, urls):
    """A Rule from a word or from a map of one treatment and perhaps a reason."""
    if isinstance(treatment, str):
        treatment = {treatment: "true"}
    [(kind, inner)] = [(kind, inner) for kind, inner in treatment.items() if kind != "reason"]
    if kind == "drop":
        return Rule(nothing, True)
    makers = {
        "pseudonymize": lambda: only_pseudonym,
        "keep": lambda: keep(classes.of(inner)),
        "ip": lambda: truncate_ip(int(inner["v4"]), int(inner["v6"])),
        "round": lambda: round_to(int(inner)),
        "time": lambda: truncate_time(inner),
        "bucket": lambda: bucket(inner),
        "url": lambda: urls[inner].whole,
    }
    return Rule(makers[kind](), False)
