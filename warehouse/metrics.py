"""Writes 60_metrics.sql of snowflake/ and of local/: what metrics.yaml asks for, a row for each metric, window and day.

    python3 warehouse/metrics.py            writes the files
    python3 warehouse/metrics.py --check    ends with 1 if a file is not what metrics.yaml says
"""

import re
import sys
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent
SOURCE = FOLDER / "metrics.yaml"

METRICS_MAX = 500
WINDOW_DAYS_MAX = 366
# So many SELECTs SQLite takes in one UNION ALL.
SELECTS_MAX = 500

# What can be counted once, and the column that holds it.
COLUMNS = {
    "user": "gsc_pseudonymized_user_id",
    "project": "gsc_project_id",
    "namespace": "gsc_namespace_id",
    "instance": "gsc_instance_id",
    "session": "session_id",
    "label": "event_label",
    "property": "event_property",
}
FILTERS = {
    "action": "event_action",
    "category": "event_category",
    "label": "event_label",
    "property": "event_property",
}

HEAD = """\
-- Counts of events and of what they carry, for each day over the days before it. Written by warehouse/metrics.py from
-- warehouse/metrics.yaml; change that.
--
-- A window ends with its metric_date and has that day in it. The days are those that have any event, so that a metric
-- without events shows 0 and not nothing. Late events count on the day on which they happened: the figures of the last
-- days still grow.
-- Different people are different pseudonyms. After a change of the key everybody is somebody else, so a window that
-- spans the change counts people twice; prep.snowplow.treatments says when it was.

CREATE OR REPLACE VIEW prod.common.event_metrics AS
WITH events AS (
  SELECT *
  FROM prod.common_mart.mart_behavior_structured_event
  WHERE app_id IN ({app_ids})
),

days AS (
  SELECT DISTINCT behavior_date AS metric_date
  FROM events
  WHERE behavior_date IS NOT NULL
)
"""

# Only the events that count anywhere are kept aside, because each metric looks at all that are.
LOCAL_HEAD = """\
-- Counts of events and of what they carry, for each day over the days before it. Written by warehouse/metrics.py from
-- warehouse/metrics.yaml; change that. What the columns mean stands in warehouse/snowflake/60_metrics.sql.

CREATE VIEW event_metrics AS
WITH events AS MATERIALIZED (
  SELECT {columns}
  FROM mart_behavior_structured_event
  WHERE app_id IN ({app_ids})
    AND event_action IN ({actions})
),

days AS MATERIALIZED (
  SELECT DISTINCT behavior_date AS metric_date
  FROM mart_behavior_structured_event
  WHERE app_id IN ({app_ids})
    AND behavior_date IS NOT NULL
)
"""

METRIC = """
-- {description}
SELECT
  '{path}_{days}d' AS metrics_path,
  '{days}d' AS time_frame,
  d.metric_date,
  {count} AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > {first}
  AND e.behavior_date <= d.metric_date
  AND ({events})
GROUP BY d.metric_date
"""


def refuse(place, problem):
    sys.exit(f"{SOURCE.name}: {place}: {problem}")


def literal(place, value):
    """The value as a text of SQL."""
    if not isinstance(value, str) or not re.fullmatch(r"[\w:.\- ]{1,128}", value):
        refuse(place, f"{value!r} is no text of letters, digits and _ : . - of at most 128 characters")
    return f"'{value}'"


def event(place, filters):
    """The condition that an event fits."""
    if not isinstance(filters, dict) or "action" not in filters or set(filters) - set(FILTERS):
        refuse(place, f"an event is an action and perhaps {', '.join(list(FILTERS)[1:])}")
    return " AND ".join(f"e.{FILTERS[key]} = {literal(place, value)}" for key, value in filters.items())


def counted(place, metric):
    """What is counted."""
    kind, of = metric.get("count"), metric.get("of")
    if kind == "total" and of is None:
        return "COUNT(e.behavior_structured_event_pk)"
    if kind == "unique" and of in COLUMNS:
        return f"COUNT(DISTINCT e.{COLUMNS[of]})"
    refuse(place, f"count is total, or unique with of one of {', '.join(COLUMNS)}")


def selects(metric, windows, first):
    """A SELECT for each window; first says on which day a window begins."""
    place = str(metric.get("path"))
    unknown = set(metric) - {"path", "description", "count", "of", "events"}
    if unknown or not metric.get("events"):
        refuse(place, f"unknown: {', '.join(sorted(unknown))}" if unknown else "no events")
    if not re.fullmatch(r"[a-z][a-z0-9_.]{0,199}", place):
        refuse(place, "path is no name")
    if not re.fullmatch(r"[^\n]{1,200}", str(metric.get("description", ""))):
        refuse(place, "description is one line")
    alternatives = [event(place, filters) for filters in metric["events"]]
    joined = "(" + ") OR (".join(alternatives) + ")" if len(alternatives) > 1 else alternatives[0]
    for days in windows:
        yield METRIC.format(
            description=metric["description"],
            path=place,
            days=days,
            first=first.format(days=days),
            count=counted(place, metric),
            events=joined,
        )


def definition():
    """metrics.yaml, if it makes sense."""
    found = yaml.safe_load(SOURCE.read_text())
    if set(found) != {"version", "windows", "app_ids", "metrics"} or found["version"] != 1:
        refuse("top", "needs version: 1, windows, app_ids, metrics, and nothing else")
    windows, metrics = found["windows"], found["metrics"]
    if not all(type(days) is int and 0 < days <= WINDOW_DAYS_MAX for days in windows):
        refuse("windows", f"a window has 1 to {WINDOW_DAYS_MAX} days")
    paths = [metric.get("path") for metric in metrics]
    if not 0 < len(paths) <= METRICS_MAX or len(set(paths)) < len(paths):
        refuse("metrics", f"1 to {METRICS_MAX} metrics with different paths")
    if len(metrics) * len(windows) > SELECTS_MAX:
        refuse("metrics", f"metrics times windows are at most {SELECTS_MAX}")
    return found


def text(found, head, first):
    """A whole file."""
    # Whatever is wrong with a metric is said here, before anything else looks into it.
    parts = [select for metric in found["metrics"] for select in selects(metric, found["windows"], first)]
    actions = {literal("actions", event["action"]) for metric in found["metrics"] for event in metric["events"]}
    columns = ["behavior_structured_event_pk", "behavior_date", *FILTERS.values()]
    columns += sorted(COLUMNS[metric["of"]] for metric in found["metrics"] if "of" in metric)
    filled = head.format(
        app_ids=", ".join(literal("app_ids", app_id) for app_id in found["app_ids"]),
        actions=", ".join(sorted(actions)),
        columns=", ".join(dict.fromkeys(columns)),
    )
    return filled + "\nUNION ALL\n".join(parts).rstrip() + ";\n"


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    found = definition()
    for folder, head, first in (
        ("snowflake", HEAD, "DATEADD(DAY, -{days}, d.metric_date)"),
        ("local", LOCAL_HEAD, "date(d.metric_date, '-{days} days')"),
    ):
        target, wanted = FOLDER / folder / "60_metrics.sql", text(found, head, first)
        if not sys.argv[1:]:
            target.write_text(wanted)
        elif not target.exists() or target.read_text() != wanted:
            sys.exit(f"{folder}/{target.name} is not current: run python3 warehouse/metrics.py")


if __name__ == "__main__":
    main()
