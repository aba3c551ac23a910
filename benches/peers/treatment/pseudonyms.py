"""Pseudonyms: HMAC-SHA256 in hex over one form of each value."""

import hmac
import os
from decimal import Decimal

KEY_ID = "k1"
# Beyond this a double no longer holds every whole number.
WHOLE_MAX = 2.0**53

with open(os.environ["KEY_FILE"], "rb") as key_file:
    KEYED = hmac.new(key_file.read().removesuffix(b"\n").removesuffix(b"\r"), digestmod="sha256")


def pseudonym(data):
    mac = KEYED.copy()
    mac.update(data)
    return mac.hexdigest()


class Number(str):
    """A JSON number with a fraction or an exponent, as it was written."""


def canonical(value):
    """The bytes that stand for a JSON scalar: 1, 1.0 and "1" are one value."""
    if type(value) is not Number:
        return text_of(value).encode()
    number = float(value)
    if number.is_integer() and abs(number) < WHOLE_MAX:
        return str(int(number)).encode()
    if abs(number) < WHOLE_MAX:
        return format(Decimal(repr(number)), "f").encode()
    return value.encode()


def text_of(value):
    if type(value) is bool:
        return "true" if value else "false"
    return str(value)
