"""URLs by a policy's rules, part by part."""

import functools
import re
from collections import namedtuple
from urllib.parse import quote, unquote

from .pseudonyms import pseudonym

SEGMENTS_MAX = 64
# The paths that are remembered, and the longest of them.
PATHS_REMEMBERED = 2048
PATH_CHARACTERS_REMEMBERED = 256
SEGMENT_SAFE = ":@!$&'()*+,;="
QUERY_SAFE = ":@!$'()*,;/?"
BROKEN_ESCAPE = re.compile("%(?![0-9a-fA-F]{2})")
PATH_START = re.compile(r"[/\\]")
PORT = re.compile("0*[1-9][0-9]{0,4}")


def decoded(text, plus_is_space=False):
    """Without percent-encoding, or None if an escape is none."""
    if plus_is_space:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    if BROKEN_ESCAPE.search(text):
        return None
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None


class Urls:
    """One set of rules for URLs: a function for the whole and for each part."""

    def __init__(self, rules, classes):
        # The whole and the column of the path ask for the same one, and visitors stay on a page.
        self.remembered_path = functools.lru_cache(maxsize=PATHS_REMEMBERED)(self.new_path)
        self.hosts = classes.of(rules["hosts"])
        self.keeps_port = rules.get("port") == "keep"
        self.templates = [Template(text, classes) for text in rules.get("paths", [])]
        query = rules.get("query", {})
        self.keys = {key: classes.of(definition) for key, definition in query.get("keep", {}).items()}
        self.keys |= dict.fromkeys(query.get("mask", []))
        fragment = rules.get("fragment", "drop")
        self.keeps_fragment = None if fragment == "drop" else classes.of(fragment["keep"])

    def whole(self, text):
        name, mark, rest = text.partition("://")
        name = self.scheme(name)
        if not mark or name is None:
            return None
        rest, _, fragment = rest.partition("#")
        rest, _, query = rest.partition("?")
        start = PATH_START.search(rest)
        place = start.start() if start else len(rest)
        host, path = rest[:place].rpartition("@")[2], rest[place:]
        port = ""
        if ":" in host and not host.endswith("]"):
            host, _, port = host.rpartition(":")
        if not host:
            return None
        shown = f"{name}://{self.host(host)}"
        port = self.port(port)
        if port:
            shown += f":{port}"
        shown += self.path(path)
        query = self.query(query)
        if query:
            shown += f"?{query}"
        fragment = self.fragment(fragment)
        return f"{shown}#{fragment}" if fragment else shown

    def scheme(self, text):
        name = text.lower()
        return name if name in ("http", "https") else None

    def host(self, text):
        host = text.lower() if text.isascii() else text.encode().lower().decode()
        return host if self.hosts(host) else pseudonym(host.encode())

    def port(self, text):
        if not self.keeps_port:
            return ""
        return text if PORT.fullmatch(text) and int(text) < 65536 else None

    def path(self, text):
        return self.remembered_path(text) if len(text) <= PATH_CHARACTERS_REMEMBERED else self.new_path(text)

    def new_path(self, text):
        trimmed = text.rstrip("/")
        if not trimmed:
            return "/" if text else ""
        segments = [decoded(segment) for segment in trimmed.removeprefix("/").split("/")]
        if len(segments) <= SEGMENTS_MAX:
            present = set(segments)
            for template in self.templates:
                if template.words <= present:
                    shown = template.match(segments)
                    if shown is not None:
                        return "".join(["/" + quote(segment, safe=SEGMENT_SAFE) for segment in shown])
        return "/" + pseudonym(trimmed.encode())

    def query(self, text):
        shown = []
        for pair in text.split("&"):
            key, _, value = pair.partition("=")
            key = decoded(key, plus_is_space=True)
            if key not in self.keys:
                continue
            accepts = self.keys[key]
            value = decoded(value, plus_is_space=True)
            name = quote(key, safe="")
            if accepts and value is not None and accepts(value):
                shown.append(f"{name}={quote(value, safe=QUERY_SAFE)}")
            else:
                shown.append(f"{name}=masked_{name}")
        return "&".join(shown)

    def fragment(self, text):
        return text if text and self.keeps_fragment and self.keeps_fragment(text) else ""


Part = namedtuple("Part", "kind accepts word")


class Template:
    """The shape of a path: `/a/{class}/{class|word}/{|word}/{+class|word}/{**|word}`."""

    def __init__(self, text, classes):
        self.parts = [template_part(segment, classes) for segment in text.removeprefix("/").split("/")]
        # A path without all of them needs no closer look.
        self.words = {part.word for part in self.parts if part.kind == "word"}
        self.is_fixed = all(part.kind in ("word", "one") for part in self.parts)

    def match(self, segments):
        if self.is_fixed and len(segments) != len(self.parts):
            return None
        return match_parts(self.parts, segments)


def template_part(segment, classes):
    if not segment.startswith("{"):
        return Part("word", None, segment)
    name, _, word = segment[1:-1].partition("|")
    if name == "**":
        return Part("rest", None, word)
    accepts = classes[name.removeprefix("+")] if name.removeprefix("+") else None
    return Part("some" if name.startswith("+") else "one", accepts, word)


def match_parts(parts, segments):
    """The segments to show, or None if the path has another shape."""
    shown = []
    for place, (kind, accepts, word) in enumerate(parts):
        if kind == "rest":
            return shown + [word] if word and place < len(segments) else shown
        if kind == "some":
            rest = match_some(parts[place:], segments[place:])
            return None if rest is None else shown + rest
        if place == len(segments):
            return None
        segment = segments[place]
        if kind == "word":
            if segment != word:
                return None
            shown.append(word)
        elif accepts and segment is not None and accepts(segment):
            shown.append(segment)
        elif word:
            shown.append(word)
        else:
            return None
    return shown if len(segments) == len(parts) else None


def match_some(parts, segments):
    """As many segments as possible for the part with a plus, then the rest of the template."""
    (_, accepts, word), rest_parts = parts[0], parts[1:]
    next_word = rest_parts[0].word if rest_parts and rest_parts[0].kind == "word" else None
    for taken in range(len(segments), 0, -1):
        if next_word and segments[taken : taken + 1] != [next_word]:
            continue
        rest = match_parts(rest_parts, segments[taken:])
        if rest is not None:
            first = segments[0]
            is_kept = taken == 1 and accepts and first is not None and accepts(first)
            return [first if is_kept else word] + rest
    return None
