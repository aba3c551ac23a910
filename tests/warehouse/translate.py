"""Snowflake's SQL as DuckDB runs it: sqlglot's translation, and what it leaves to us."""

import sqlglot
from sqlglot import exp

# VARIANT as text: a text without its quotes, anything else as JSON, and SQL's NULL for JSON's.
MACROS = "CREATE MACRO variant_text(v) AS json_extract_string(CAST(v AS JSON), '$')"

# FLATTEN is a join with the items of a list; RECURSIVE walks everything.
ITEMS = "SELECT UNNEST(l) AS value, GENERATE_SUBSCRIPTS(l, 1) - 1 AS index FROM (SELECT CAST({0} AS JSON[]) AS l)"
WALK = "SELECT SUBSTR(w.fullkey, 3) AS path, w.value AS value FROM JSON_TREE({0}) AS w"


def flatten(lateral):
    """LATERAL FLATTEN as a subquery."""
    call = lateral.this
    arguments = {kwarg.this.name.lower(): kwarg.expression for kwarg in [call.this, *call.expressions]}
    shape = WALK if "recursive" in arguments else ITEMS
    query = sqlglot.parse_one(shape.format(arguments["input"].sql("duckdb")), read="duckdb")
    alias = exp.TableAlias(this=lateral.args["alias"].this)
    return exp.Lateral(this=exp.Subquery(this=query), alias=alias)


def replacement(node):
    """What a node becomes. Every cast to text in the views is one of a VARIANT."""
    if type(node) is exp.Cast and node.to.this == exp.DType.TEXT:
        return exp.Anonymous(this="variant_text", expressions=[node.this])
    if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Explode):
        return flatten(node)
    if isinstance(node, exp.DataType) and node.this == exp.DType.VARIANT:
        return exp.DataType.build("JSON")
    if isinstance(node, exp.ArraySize):
        return exp.Anonymous(this="json_array_length", expressions=[node.this])
    if isinstance(node, exp.Typeof):
        return exp.Anonymous(this="json_type", expressions=[node.this])
    return None


def for_duckdb(tree):
    """A statement in DuckDB's SQL."""
    tree = tree.copy()
    for default in list(tree.find_all(exp.DefaultColumnConstraint)):
        default.parent.pop()
    # From the inside out, so that what is inside a replaced node has been replaced before.
    for node in reversed(list(tree.bfs())):
        new = replacement(node)
        if new is not None:
            node.replace(new)
    return tree.sql("duckdb")
