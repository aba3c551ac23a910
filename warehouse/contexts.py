"""Writes 55_contexts.sql of snowflake/ and of local/: a view for each entity of com.gitlab, from schemas/com.gitlab.

    python3 warehouse/contexts.py            writes the files
    python3 warehouse/contexts.py --check    ends with 1 if a file is not what the schemas say
"""

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SCHEMAS = FOLDER.parent / "schemas" / "com.gitlab"

# What is sent along with events; the other schemas describe events.
ENTITIES = (
    "gitlab_standard",
    "gitlab_service_ping",
    "gitlab_experiment",
    "ai_context",
    "code_suggestions_context",
    "ide_extension_version",
    "customer_standard",
    "ci_build_failed",
    "orbit_common",
    "pageview_context",
    "wiki_page_context",
    "design_management_context",
    "secure_scan",
    "subscription_auto_renew",
    "artifact_registry_context",
)

HEAD = """\
-- Entities of com.gitlab, a view for each, a row for each occurrence. Written by warehouse/contexts.py; change that.
--
-- A view has the fields of all versions of its schema; context_version says which one an event named.
-- An event may carry an entity more than once (gitlab_experiment does): occurrence counts from 1.
-- TRY_CAST of the text, never a cast of the value: where a value did not fit its rule there is a pseudonym, and
-- `value:data:project_id::NUMBER` would end the whole query at the first one. user_id is text for the same reason.
"""

VIEW = """
CREATE OR REPLACE VIEW prep.snowplow.context_{name} AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
{fields}
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/{name}/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/{name}/jsonschema/');
"""

LOCAL_HEAD = """\
-- Entities of com.gitlab, a view for each, a row for each occurrence. Written by warehouse/contexts.py; change that.
--
-- A view has the fields of all versions of its schema; context_version says which one an event named.
-- An event may carry an entity more than once (gitlab_experiment does): occurrence counts from 1.
-- A column of numbers is NULL where a value did not fit its rule and became a pseudonym. user_id is text.
-- What a CASE surrounds would end the query on an item that is no object: a WHERE promises no order.
"""

LOCAL_VIEW = """
CREATE VIEW context_{name} AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  '[' || replace(json_quote(c.value ->> '$.schema'), '/', '","') || ']' ->> '$[3]' AS context_version,
  1 + (
    SELECT COUNT(*)
    FROM json_each(e.contexts, '$.data') AS earlier
    WHERE earlier.key < c.key
      AND CASE WHEN earlier.type = 'object' THEN earlier.value ->> '$.schema' END
        GLOB 'iglu:com.gitlab/{name}/jsonschema/*'
  ) AS occurrence,
{fields}
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/{name}/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/{name}/jsonschema/*';
"""


def number(version):
    """The version as numbers, because 1-0-10 comes after 1-0-9."""
    return [int(part) for part in version.name.split("-")]


def fields(name):
    """The fields of all versions with their types; the newest version's word counts."""
    found = {}
    for version in sorted((SCHEMAS / name / "jsonschema").iterdir(), key=number):
        for field, schema in json.loads(version.read_text())["properties"].items():
            types = schema.get("type", [])
            found[field] = {types} if isinstance(types, str) else set(types)
    return found


def plain(types):
    """The type of a column: integer, number or boolean, text, or JSON as it is."""
    types = types - {"null"}
    if types in ({"integer"}, {"number"}, {"boolean"}):
        return types.pop()
    return "json" if types & {"object", "array"} else "text"


def snowflake(field, types):
    """The SQL for a field in Snowflake."""
    key = field if field.replace("_", "").isalnum() and field.islower() else f'"{field}"'
    value = f"c.value:data:{key}"
    return {
        "integer": f"TRY_CAST({value}::STRING AS NUMBER(38, 0))",
        "number": f"TRY_CAST({value}::STRING AS DOUBLE)",
        "boolean": f"TRY_CAST({value}::STRING AS BOOLEAN)",
        "text": f"{value}::STRING",
        "json": value,
    }[plain(types)]


def sqlite(field, types):
    """The SQL for a field in SQLite."""
    key = field if field.replace("_", "").isalnum() and field.islower() else f'"{field}"'
    path = f"'$.data.{key}'"
    kind = f"json_type(c.value, {path})"
    return {
        "integer": f"CASE WHEN {kind} = 'integer' THEN c.value ->> {path} END",
        "number": f"CASE WHEN {kind} IN ('integer', 'real') THEN CAST(c.value ->> {path} AS REAL) END",
        "boolean": f"CASE {kind} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END",
        "text": f"CAST(c.value ->> {path} AS TEXT)",
        "json": f"NULLIF(c.value -> {path}, 'null')",
    }[plain(types)]


def text(head, view, expression):
    """A whole file."""
    views = [head]
    for name in ENTITIES:
        found = fields(name).items()
        lines = ",\n".join(f"  {expression(field, types)} AS {field.replace('-', '_')}" for field, types in found)
        views.append(view.format(name=name, fields=lines))
    return "".join(views)


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    for folder, of_dialect in (("snowflake", (HEAD, VIEW, snowflake)), ("local", (LOCAL_HEAD, LOCAL_VIEW, sqlite))):
        target, wanted = FOLDER / folder / "55_contexts.sql", text(*of_dialect)
        if not sys.argv[1:]:
            target.write_text(wanted)
        elif not target.exists() or target.read_text() != wanted:
            sys.exit(f"{folder}/{target.name} is not current: run python3 warehouse/contexts.py")


if __name__ == "__main__":
    main()
