-- How an object is read: rows of 131 columns as text, everything else as one JSON document a line.

-- A row is columns between tabs and nothing else: no quotes, no escapes. Every option that would see more in it is off.
--
-- ESCAPE_UNENCLOSED_FIELD is the trap. Its default is the backslash, so that `\"` inside the JSON of `contexts` is
-- loaded as `"`: the text is no JSON any more, TRY_PARSE_JSON gives NULL, and the event looks as if it had no contexts.
-- Only events with a quote or a backslash in some value are hit, so nobody sees it in a test.
--
-- NULL_IF has a default as well, \N: a value of these two characters would become NULL.
-- EMPTY_FIELD_AS_NULL stays on: an empty column means that there is no value, and views and models expect NULL.
-- The price is that an empty last column and a missing one look the same; see 40_pipes.sql.
CREATE FILE FORMAT IF NOT EXISTS raw.snowplow.snowplow_tsv
  TYPE = CSV
  COMPRESSION = AUTO
  RECORD_DELIMITER = '\n'
  FIELD_DELIMITER = '\t'
  SKIP_HEADER = 0
  TRIM_SPACE = FALSE
  FIELD_OPTIONALLY_ENCLOSED_BY = NONE
  ESCAPE = NONE
  ESCAPE_UNENCLOSED_FIELD = NONE
  NULL_IF = ()
  EMPTY_FIELD_AS_NULL = TRUE
  ENCODING = 'UTF8';

-- Bad events, their classes and Service Ping: one document a line, never an array of them.
CREATE FILE FORMAT IF NOT EXISTS raw.snowplow.json_lines
  TYPE = JSON
  COMPRESSION = AUTO
  STRIP_OUTER_ARRAY = FALSE
  STRIP_NULL_VALUES = FALSE;
