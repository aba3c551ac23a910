"""Writes snowflake/55_contexts.sql: a view for each entity of com.gitlab, from the schemas in schemas/com.gitlab.

    python3 warehouse/contexts.py            writes the file
    python3 warehouse/contexts.py --check    ends with 1 if the file is not what the schemas say
"""

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SCHEMAS = FOLDER.parent / "schemas" / "com.gitlab"
TARGET = FOLDER / "snowflake" / "55_contexts.sql"

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


def expression(field, types):
    """The SQL for a field: text, a number or a truth value that may be missing, or JSON as it is."""
    key = field if field.replace("_", "").isalnum() and field.islower() else f'"{field}"'
    value = f"c.value:data:{key}"
    types = types - {"null"}
    if types == {"integer"}:
        value = f"TRY_CAST({value}::STRING AS NUMBER(38, 0))"
    elif types == {"number"}:
        value = f"TRY_CAST({value}::STRING AS DOUBLE)"
    elif types == {"boolean"}:
        value = f"TRY_CAST({value}::STRING AS BOOLEAN)"
    elif not types & {"object", "array"}:
        value = f"{value}::STRING"
    return f"  {value} AS {field.replace('-', '_')}"


def text():
    """The whole file."""
    views = [HEAD]
    for name in ENTITIES:
        lines = ",\n".join(expression(field, types) for field, types in fields(name).items())
        views.append(VIEW.format(name=name, fields=lines))
    return "".join(views)


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    if not sys.argv[1:]:
        TARGET.write_text(text())
    elif not TARGET.exists() or TARGET.read_text() != text():
        sys.exit(f"{TARGET.name} is not current: run python3 warehouse/contexts.py")


if __name__ == "__main__":
    main()
