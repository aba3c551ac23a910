"""What rules are made of: the shapes into which a policy is compiled."""

from collections import namedtuple


class Tree:
    """The rules for the inside of a value: by key, for the items of an array, and for keys that are not listed."""

    def __init__(self):
        self.fields = {}
        self.items = None
        self.walk = None


# What happens to keys that are not listed, by the class of those that stay, and to all that is below them.
Walk = namedtuple("Walk", "keys leaves")
# What happens to one text: a function that gives what takes its place, or None if only a pseudonym may.
Rule = namedtuple("Rule", "apply drops")
# What a schema's URI leads to: rules, what is shown of it, and whether it is a wrapper.
Schema = namedtuple("Schema", "root shown envelope")


class Defect(Exception):
    """A line that cannot be treated column by column: a code, and perhaps a column."""
