-- Delivered events for DuckDB, which reads the objects as they are: SELECT ... FROM delivered('output/**/*.gz').
-- From the repository's root: duckdb -init warehouse/duckdb.sql -c "..."

-- The names stand in the table for SQLite, in the order of the row.
SET VARIABLE names = (
  SELECT regexp_extract_all(split_part(split_part(content, 'gitlab_events (', 2), 'uploaded_at', 1), '\n  (\w+) ', 1)
  FROM read_text('warehouse/local/30_tables.sql')
);

-- Rows are text between tabs and nothing else: no quotes, no escapes, no header. A quarantine line has one column.
CREATE OR REPLACE MACRO delivered(objects) AS TABLE
SELECT *
FROM read_csv(
  objects, names = getvariable('names'), delim = '\t', quote = '', escape = '', header = false, all_varchar = true,
  null_padding = true
)
WHERE event_id IS NOT NULL;
