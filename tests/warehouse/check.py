"""Checks warehouse/: every statement parses, tables and pipes have the columns of a row, the views count right.

Snowflake itself is not at hand. sqlglot reads the SQL in Snowflake's dialect; DuckDB runs tables and views in its own,
with the rows of events.json and lines.json loaded as the pipe and the file format say. The SQL for a laptop is compared
with it, and DuckDB reads what `whiteout export` writes (WHITEOUT_BIN names the command). Ends with 1 and names what
differs.
"""

import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from translate import MACROS, for_duckdb

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WAREHOUSE = ROOT / "warehouse"
EVENTS = "raw.snowplow.gitlab_events"
# What sqlglot knows no node for; everything else has to be understood.
# What SQLite has besides: where a row comes from, the table of all kinds of Service Ping, and what helps.
LOCAL_COLUMNS = ["object_key", "object_line"]
LOCAL_NAMES = {"service_ping", "_events_with_standard", "_load_history", "_load_errors"}
PIPE = re.compile(r"(?s)\s*CREATE PIPE IF NOT EXISTS (\S+)\s+AUTO_INGEST = TRUE\s+AS\s+(COPY INTO .*)")

problems = []


def expect(what, found, wanted):
    """Notes a difference and goes on: all that is wrong is told at once."""
    if found != wanted:
        problems.append(f"{what}\n  found  {found}\n  wanted {wanted}")


def columns_of_rust():
    """The columns of a row, from the table that the functions are built with."""
    text = (ROOT / "shared/enriched-event/src/columns.rs").read_text()
    table = text[text.index("\ncolumns! {") :]
    return re.findall(r'^    \w+ "(\w+)" \w+', table, re.M)


def without_comments(text):
    """SQL without `--` comments, so that it can be cut at semicolons. No text of ours holds either."""
    return re.sub(r"(?m)^\s*--.*$", "", text)


def statements(name, text):
    """The statements of a text, understood."""
    found = []
    for statement in filter(str.strip, without_comments(text).split(";")):
        pipe = PIPE.fullmatch(statement)
        try:
            tree = sqlglot.parse_one(pipe[2] if pipe else statement, read="snowflake")
        except sqlglot.errors.SqlglotError as error:
            problems.append(f"{name}: {error}")
            continue
        if list(tree.find_all(exp.Command)):
            problems.append(f"{name}: not understood: {statement.strip()[:80]}")
        found.append((pipe[1] if pipe else None, tree))
    return found


def parsed():
    """Every SQL file in the order in which they are run, and the SQL that the README shows."""
    files = {path.name: path.read_text() for path in sorted((WAREHOUSE / "snowflake").glob("*.sql"))}
    shown = re.findall(r"(?s)```sql\n(.*?)```", (WAREHOUSE / "README.md").read_text())
    expect("the README shows SQL", bool(shown), True)
    return {name: statements(name, text) for name, text in (files | {"README.md": "".join(shown)}).items()}


def check_generated():
    """The files that scripts write are what the scripts would write."""
    for script in ("contexts.py", "metrics.py"):
        ran = subprocess.run([sys.executable, WAREHOUSE / script, "--check"], capture_output=True, text=True)
        expect(script, (ran.returncode, ran.stderr), (0, ""))


def check_columns(files):
    """The table and the pipe have exactly the columns of a row, in order; gives the pipe's select list."""
    names = columns_of_rust()
    expect("columns of columns.rs", len(names), 131)
    for _, tree in files["30_tables.sql"]:
        table = tree.find(exp.Table)
        types = [(column.name, column.kind.sql()) for column in tree.find_all(exp.ColumnDef)]
        if table.sql() == EVENTS:
            expect("columns of gitlab_events", [name for name, _ in types], [*names, "uploaded_at"])
            expect("their types", {kind for _, kind in types[:-1]}, {"VARCHAR"})
        else:
            expect(f"columns of {table.sql()}", [kind for _, kind in types], ["VARIANT", "TIMESTAMPNTZ(9)"])
    pipes = dict(files["40_pipes.sql"])
    good = pipes["raw.snowplow.gitlab_good_event_pipe"]
    expect("columns of the pipe", [column.name for column in good.this.expressions], [*names, "uploaded_at"])
    selected = [item.sql("snowflake") for item in good.find(exp.Select).expressions]
    expect("what the pipe selects", selected[:-1], [f"${number}" for number in range(1, 132)])
    expect("when the pipe says it was", "METADATA$START_SCAN_TIME" in selected[-1], True)
    stages = {tree.find(exp.Table).sql() for _, tree in files["10_stage.sql"] if tree.args.get("kind") == "STAGE"}
    expect("the stages of the pipes", {"".join(re.findall(r"@(\S+)", tree.find(exp.Select).sql("snowflake"))) for tree in pipes.values()}, stages)
    return selected


def option(name, default):
    """A file format's option, with Snowflake's default where it is not set."""
    text = without_comments((WAREHOUSE / "snowflake/20_file_formats.sql").read_text())
    found = re.search(rf"(?m)^\s*{name} = (.*?);?$", text[: text.index(";")])
    return found[1] if found else default


def as_copied(line, selected):
    """The values that COPY makes of a line: by the file format's options and the pipe's select list."""
    fields = line.split("\t")
    if option("ESCAPE_UNENCLOSED_FIELD", "'\\\\'") != "NONE":
        fields = [re.sub(r"\\(.)", r"\1", field) for field in fields]
    if option("NULL_IF", "('\\\\N')") != "()":
        fields = [None if field == "\\N" else field for field in fields]
    fields = [field or None for field in fields] + [None] * (len(selected) - len(fields))
    return [fields[int(item[1:]) - 1] if item.startswith("$") else item for item in selected[:131]]


def compact(value):
    """JSON as rows have it: no spaces."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def load_events(database, selected):
    """The rows of events.json as TSV, through the pipe."""
    names = columns_of_rust()
    for row in json.loads((HERE / "events.json").read_text()):
        uploaded_at = row.pop("uploaded_at")
        line = compact(row["line"]) if "line" in row else "\t".join(compact(row.pop(name, "")) for name in names)
        expect("columns that no row has", set(row) - {"line"}, set())
        values = [*as_copied(line, selected), uploaded_at]
        database.execute(f"INSERT INTO {EVENTS} VALUES ({', '.join('?' * len(values))})", values)


def load_json(database, table, lines):
    for line in lines:
        values = [compact(line), "2026-03-02 00:00:00"]
        database.execute(f"INSERT INTO raw.{table} VALUES (?, ?)", values)


def sample(schema):
    """A value for every field of a schema, by its type."""
    values = {"integer": 7, "number": 1.5, "boolean": True, "array": ["a"], "object": {"a": 1}, "string": "a"}
    first = lambda types: types if isinstance(types, str) else next(t for t in types if t != "null")
    return {field: values[first(about["type"])] for field, about in schema["properties"].items()}


def check_contexts(database, files, selected):
    """Every entity's view shows every field of an event that has them all, of the newest version."""
    views = [tree.find(exp.Table).sql() for _, tree in files["55_contexts.sql"]]
    expect("views of entities", len(views) >= 8, True)
    columns = columns_of_rust()
    for view in views:
        name = view.removeprefix("prep.snowplow.context_")
        folder = ROOT / "schemas/com.gitlab" / name / "jsonschema"
        newest = max(folder.iterdir(), key=lambda path: [int(part) for part in path.name.split("-")])
        data = sample(json.loads(newest.read_text()))
        entity = {"schema": f"iglu:com.gitlab/{name}/jsonschema/{newest.name}", "data": data}
        row = {"event_id": f"sample-{name}", "contexts": compact({"schema": "iglu:x", "data": [entity]})}
        line = "\t".join(row.get(column, "") for column in columns)
        values = [*as_copied(line, selected), "2026-01-01 00:00:00"]
        database.execute(f"INSERT INTO {EVENTS} VALUES ({', '.join('?' * len(values))})", values)
        cursor = database.execute(f"SELECT * FROM {view} WHERE event_id = 'sample-{name}'")
        titles, rows = [column[0] for column in cursor.description], cursor.fetchall()
        expect(f"rows of {view}", len(rows), 1)
        shown = dict(zip(titles, rows[0] if rows else []))
        empty = [field for field in data if shown.get(field.replace("-", "_")) is None]
        expect(f"fields of {view} without a value", (empty, len(titles), shown["context_version"]), ([], len(set(titles)), newest.name))
        database.execute(f"DELETE FROM {EVENTS} WHERE event_id = 'sample-{name}'")


def run(database, files):
    """Makes tables and views in DuckDB."""
    for name in ("raw", "prep", "prod"):
        database.execute(f"ATTACH ':memory:' AS {name}")
    for schema in ("raw.snowplow", "raw.service_ping", "prep.snowplow", "prep.service_ping", "prod.common", "prod.common_mart"):
        database.execute(f"CREATE SCHEMA {schema}")
    database.execute(MACROS)
    for name, trees in files.items():
        for _, tree in trees:
            if isinstance(tree, exp.Create) and tree.args["kind"] in ("TABLE", "VIEW"):
                sql = for_duckdb(tree)
                try:
                    database.execute(sql)
                except duckdb.Error as error:
                    problems.append(f"{name}: {error}\n{sql}")


def keep(database, files):
    """The README's INSERT, twice: the second time nothing is new."""
    inserts = [tree for _, tree in files["README.md"] if isinstance(tree, exp.Insert)]
    expect("INSERTs of the README", len(inserts), 1)
    for tree in inserts * 2:
        database.execute(for_duckdb(tree))


def check_answers(database):
    """What the views answer, as answers.json says."""
    for case in json.loads((HERE / "answers.json").read_text()):
        tree = sqlglot.parse_one(case["query"], read="snowflake")
        try:
            found = [list(map(str, row)) for row in database.execute(for_duckdb(tree)).fetchall()]
        except duckdb.Error as error:
            found = str(error)
        expect(case["query"], found, [list(map(str, row)) for row in case["answer"]])


def local_database(path):
    """The tables and views for a laptop."""
    database = sqlite3.connect(path)
    for file in sorted((WAREHOUSE / "local").glob("*.sql")):
        database.executescript(file.read_text())
    return database


def check_local(database):
    """Both dialects have the same tables and views with the same columns."""
    found = database.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE database_name IN ('raw', 'prep', 'prod') ORDER BY table_name, column_index")
    snowflake = {}
    for table, column in found.fetchall():
        snowflake.setdefault(table, []).append(column)
    local = local_database(":memory:")
    names = {name for name, in local.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")}
    # The README makes a table besides.
    expect("tables and views on a laptop", names - LOCAL_NAMES, set(snowflake) - {"events_kept"})
    for name in sorted(names & set(snowflake)):
        columns = [row[1] for row in local.execute(f"PRAGMA table_info({name})")]
        expect(f"columns of {name} on a laptop", [column for column in columns if column not in LOCAL_COLUMNS], snowflake[name])


def check_delivered():
    """The README's query over delivered objects, which DuckDB reads as they are."""
    shown = re.findall(r'duckdb -init warehouse/duckdb.sql -c "(.*)"', (WAREHOUSE / "README.md").read_text())
    expect("queries for DuckDB in the README", len(shown), 1)
    names, lines = columns_of_rust(), []
    for row in json.loads((HERE / "events.json").read_text()):
        lines.append(compact(row["line"]) if "line" in row else "\t".join(compact(row.get(name, "")) for name in names))
    with tempfile.TemporaryDirectory() as folder:
        hour = Path(folder, "output/2026/03/02/10")
        hour.mkdir(parents=True)
        (hour / "delivery-1.gz").write_bytes(gzip.compress(("\n".join(reversed(lines)) + "\n").encode()))
        database = duckdb.connect()
        database.execute((WAREHOUSE / "duckdb.sql").read_text().replace("'warehouse/", f"'{WAREHOUSE}/"))
        expect("columns of delivered objects", database.execute("SELECT getvariable('names')").fetchone()[0], names)
        rows = database.execute("".join(shown).replace("'output/", f"'{folder}/output/")).fetchall()
        expect("what DuckDB finds in delivered objects", [row for row in rows if row[1]], [("feature_used", "\\N", 1)])
        expect("how many events it finds there", sum(row[2] for row in rows), 10)


def check_export():
    """What `whiteout export` writes has the values that SQLite has."""
    with tempfile.TemporaryDirectory() as folder:
        local = local_database(f"{folder}/whiteout.db")
        names = columns_of_rust()
        for number, row in enumerate(json.loads((HERE / "events.json").read_text()) * 20):
            values = [compact(row[name]) if name in row else None for name in names]
            line = [*values, row["uploaded_at"], "output/1", number]
            local.execute(f"INSERT INTO gitlab_events VALUES ({', '.join('?' * len(line))})", line)
        local.commit()
        for source in ("gitlab_events", "mart_behavior_structured_event", "SELECT 1 AS a, 1.5 AS b, NULL AS c, 'é' AS d UNION ALL SELECT 2, 1, NULL, x'00ff'", "SELECT 1 AS a WHERE 0"):
            for end in ("parquet", "csv"):
                file = f"{folder}/export.{end}"
                subprocess.run([os.environ["WHITEOUT_BIN"], "export", "--data-dir", folder, source, file], check=True)
                rows = duckdb.sql(f"SELECT * FROM '{file}'" if end == "parquet" else f"SELECT * FROM read_csv('{file}', all_varchar = true, header = true)").fetchall()
                query = source if " " in source else f"SELECT * FROM {source}"
                wanted = local.execute(query).fetchall()
                expect(f"rows of {source[:40]} in {end}", as_texts(rows), as_texts(wanted))


def as_texts(rows):
    """Rows without the types, which differ where a column holds several."""
    return sorted(str([None if value is None else value.hex() if isinstance(value, bytes) else str(value).removesuffix(".0") for value in row]) for row in rows)


def main():
    files = parsed()
    check_generated()
    selected = check_columns(files)
    database = duckdb.connect()
    run(database, files)
    check_local(database)
    check_delivered()
    check_export()
    if not problems:
        load_events(database, selected)
        lines = json.loads((HERE / "lines.json").read_text())
        for table, of_table in lines.items():
            load_json(database, table, of_table)
        check_contexts(database, files, selected)
        keep(database, files)
        check_answers(database)
    count = sum(map(len, files.values()))
    if problems:
        sys.exit("\n".join(problems) + f"\n{len(problems)} of the warehouse's checks failed")
    print(f"{count} statements parse, tables and pipe have 131 columns, the views answer as they should, here and on a laptop")


if __name__ == "__main__":
    main()
