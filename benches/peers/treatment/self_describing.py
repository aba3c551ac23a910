"""Self-describing JSON: parsed, treated value by value, and written again."""

import functools
import json
import re

from .pseudonyms import Number, canonical, pseudonym, text_of
from .rules import Defect, Rule, Tree, Walk

JSON_COLUMNS = {"contexts": "contexts", "unstruct_event": "unstruct_event", "derived_contexts": "contexts"}

# A number whose digits must stay as they are written travels through json.dumps as a text with this before it. No
# value has it: classes accept no control characters.
RAW = "\0"
RAW_IN_JSON = re.compile(r'"\\u0000([^"]*)"')


def no_constant(name):
    raise ValueError(f"{name} is no JSON")


from_json = functools.partial(json.loads, parse_float=Number, parse_constant=no_constant)
dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def to_json(value):
    text = dump(value)
    return RAW_IN_JSON.sub(r"\1", text) if "\\u0000" in text else text


def json_column(column, schema, appended):
    """Self-describing JSON, by the rules of its schemas; an entity of ours may be put at the end."""
    envelope = JSON_COLUMNS[column]

    def treat(text):
        if not text:
            return ""
        try:
            return enveloped(text)
        except (ValueError, RecursionError):
            # Also half a surrogate pair, and more nesting than anybody sends.
            raise Defect("json", column) from None

    def enveloped(text):
        parsed = from_json(text)
        data = inside(parsed, envelope, schema)
        if data is None:
            raise Defect("shape", column)
        if envelope == "unstruct_event":
            parsed["data"] = entity(data, schema)
        else:
            parsed["data"] = [entity(one, schema) for one in data]
            if appended:
                parsed["data"].append(appended)
        return to_json(parsed)

    return treat


def inside(parsed, envelope, schema):
    """The inside of a wrapper, if it is what the column wants."""
    if type(parsed) is not dict or parsed.keys() != {"schema", "data"}:
        return None
    uri, data = parsed["schema"], parsed["data"]
    if type(uri) is not str or schema(uri).envelope != envelope:
        return None
    if envelope == "unstruct_event":
        return data if type(data) is dict else None
    return data if type(data) is list and all(type(one) is dict for one in data) else None


def entity(value, schema):
    uri = value.get("schema")
    if type(uri) is not str or not value.keys() <= {"schema", "data"}:
        return unlisted_object(value)
    known = schema(uri)
    shown = {}
    for key, inner in value.items():
        shown[key] = known.shown if key == "schema" else treat_value(inner, known.root)
    return shown


def treat_value(value, place):
    """A value of JSON; its place is a Rule, a Tree, a Walk, or None where the policy names nothing."""
    kind = type(value)
    if kind is dict:
        if type(place) is Tree:
            return tree_object(value, place)
        return walked_object(value, place) if type(place) is Walk else unlisted_object(value)
    if kind is list:
        return array(value, place)
    if value is None or value == "":
        return value
    if type(place) is Walk:
        place = place.leaves
    if type(place) is not Rule:
        return pseudonym(canonical(value))
    return ruled(value, place)


def ruled(value, rule):
    text = value if type(value) is str else text_of(value)
    shown = rule.apply(text)
    if shown is None:
        return pseudonym(canonical(value))
    if type(value) is str:
        return shown
    if type(value) is Number:
        return number_of(shown)
    return value if shown is text else number_of(shown)


def number_of(text):
    return int(text) if text.isdigit() else RAW + text


def tree_object(value, tree):
    shown = {}
    for key, inner in value.items():
        target = tree.fields.get(key)
        if target is None:
            unlisted_member(shown, key, inner, tree.walk)
        elif type(target) is not Rule or not target.drops:
            shown[key] = treat_value(inner, target)
    return shown


def unlisted_object(value):
    return {pseudonym(key.encode()): treat_value(inner, None) for key, inner in value.items()}


def walked_object(value, walk):
    shown = {}
    for key, inner in value.items():
        unlisted_member(shown, key, inner, walk)
    return shown


def unlisted_member(shown, key, inner, walk):
    if walk is None:
        shown[pseudonym(key.encode())] = treat_value(inner, None)
    elif not walk.leaves.drops or type(inner) in (dict, list):
        is_kept = walk.keys is not None and walk.keys(key)
        shown[key if is_kept else pseudonym(key.encode())] = treat_value(inner, walk)


def array(value, place):
    if type(place) is Tree:
        place = place.items
        if type(place) is Rule and place.drops:
            return []
    elif type(place) is Rule:
        place = None
    if type(place) is Walk and place.leaves.drops:
        value = [inner for inner in value if type(inner) in (dict, list)]
    return [treat_value(inner, place) for inner in value]
