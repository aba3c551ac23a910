-- What is read instead of the tables: events once each, late ones, duplicates, quarantine, bad events of both formats.
-- The views and their columns are those of warehouse/snowflake/50_views.sql; why they are as they are stands there.
--
-- A moment is text: strftime gives it the form of the rows, and NULL for what is no moment, as TRY_CAST does there.
-- The GLOB keeps out what strftime takes besides, such as 'now' and days as bare numbers.
-- A CASE stands around whatever would end a query at a value of the wrong kind: a WHERE promises no order.

-- Rows that are events, with their moments; a copy of an event is here again.
CREATE VIEW events_with_copies AS
SELECT
  e.*,
  CASE WHEN e.collector_tstamp GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*'
    THEN strftime('%Y-%m-%d %H:%M:%f', e.collector_tstamp) END AS collected_at,
  COALESCE(
    CASE WHEN e.derived_tstamp GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*' AND e.derived_tstamp >= '1971'
      THEN strftime('%Y-%m-%d %H:%M:%f', e.derived_tstamp) END,
    CASE WHEN e.collector_tstamp GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*'
      THEN strftime('%Y-%m-%d %H:%M:%f', e.collector_tstamp) END
  ) AS behavior_at
FROM gitlab_events AS e
WHERE e.event_id IS NOT NULL;

-- Events, each once: the copy that was loaded first, which has the lowest rowid. The index answers it, so that a query
-- for a few events need not sort all of them. The moments are written out again because a view has no rowid.
CREATE VIEW events AS
SELECT
  e.*,
  CASE WHEN e.collector_tstamp GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*'
    THEN strftime('%Y-%m-%d %H:%M:%f', e.collector_tstamp) END AS collected_at,
  COALESCE(
    CASE WHEN e.derived_tstamp GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*' AND e.derived_tstamp >= '1971'
      THEN strftime('%Y-%m-%d %H:%M:%f', e.derived_tstamp) END,
    CASE WHEN e.collector_tstamp GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*'
      THEN strftime('%Y-%m-%d %H:%M:%f', e.collector_tstamp) END
  ) AS behavior_at
FROM gitlab_events AS e
WHERE e.event_id IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM gitlab_events AS earlier WHERE earlier.event_id = e.event_id AND earlier.rowid < e.rowid
  );

-- What the pseudonymizer could not read: from which stream, why, and a pseudonym by which copies can be told.
CREATE VIEW quarantine AS
WITH lines AS (
  SELECT CASE WHEN json_valid(app_id) THEN app_id END AS line, uploaded_at
  FROM gitlab_events
  WHERE event_id IS NULL AND app_id LIKE '{%'
  UNION ALL
  SELECT jsontext AS line, uploaded_at
  FROM gitlab_bad_events
)
SELECT
  line ->> '$.data.stream' AS stream,
  line ->> '$.data.reason' AS reason,
  line ->> '$.data.column' AS column_name,
  line ->> '$.data.line' AS line_pseudonym,
  line ->> '$.data.policy' AS policy,
  line ->> '$.data.key' AS key_id,
  line ->> '$.data.sealed' AS sealed,
  uploaded_at
FROM lines
WHERE line ->> '$.schema' LIKE 'iglu:io.whiteout/quarantine/%';

-- Events that came more than once, with the time between first and last copy.
CREATE VIEW event_duplicates AS
SELECT
  event_id,
  COUNT(*) AS copies,
  COUNT(DISTINCT collector_tstamp) AS requests,
  MIN(uploaded_at) AS first_uploaded_at,
  MAX(uploaded_at) AS last_uploaded_at
FROM gitlab_events
WHERE event_id IS NOT NULL
GROUP BY event_id
HAVING COUNT(*) > 1;

-- Events that were loaded more than a day after they happened.
CREATE VIEW late_events AS
SELECT
  event_id,
  app_id,
  event_name,
  behavior_at,
  collected_at,
  uploaded_at,
  unixepoch(uploaded_at) / 3600 - unixepoch(behavior_at) / 3600 AS hours_late,
  unixepoch(uploaded_at) / 3600 - unixepoch(collected_at) / 3600 AS hours_in_pipeline
FROM events
WHERE behavior_at < strftime('%Y-%m-%d %H:%M:%f', uploaded_at, '-1 day');

-- Bad events, both formats in the same columns. A schema's parts are split by making a JSON array of them.
CREATE VIEW bad_events AS
SELECT
  CASE WHEN jsontext ->> '$.schema' IS NULL THEN 'line' ELSE 'self-describing' END AS format,
  COALESCE('[' || replace(json_quote(jsontext ->> '$.schema'), '/', '","') || ']' ->> '$[1]', 'line') AS family,
  '[' || replace(json_quote(jsontext ->> '$.schema'), '/', '","') || ']' ->> '$[3]' AS schema_version,
  CASE WHEN COALESCE(jsontext ->> '$.data.failure.timestamp', jsontext ->> '$.failure_tstamp')
      GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*'
    THEN strftime(
      '%Y-%m-%d %H:%M:%f', COALESCE(jsontext ->> '$.data.failure.timestamp', jsontext ->> '$.failure_tstamp')
    ) END AS failed_at,
  jsontext ->> '$.data.processor.artifact' AS processor,
  jsontext ->> '$.data.processor.version' AS processor_version,
  jsontext ->> '$.data.payload.enriched.app_id' AS app_id,
  jsontext ->> '$.data.payload.enriched.v_tracker' AS v_tracker,
  CASE COALESCE(
      json_type(jsontext, '$.data.failure.messages'),
      json_type(jsontext, '$.data.failure.errors'),
      json_type(jsontext, '$.errors')
    ) WHEN 'array' THEN json_array_length(COALESCE(
      jsontext -> '$.data.failure.messages', jsontext -> '$.data.failure.errors', jsontext -> '$.errors'
    )) END AS messages,
  COALESCE(
    jsontext ->> '$.data.failure.messages[0].error.dataReports[0].message',
    jsontext ->> '$.data.failure.messages[0].error.error',
    jsontext ->> '$.data.failure.messages[0].message.error',
    jsontext ->> '$.data.failure.messages[0].message.expectation',
    jsontext ->> '$.data.failure.messages[0].expectation',
    jsontext ->> '$.data.failure.messages[0].error',
    jsontext ->> '$.data.failure.message.error',
    jsontext ->> '$.data.failure.message.expectation',
    jsontext ->> '$.data.failure.errors[0]',
    jsontext ->> '$.data.failure.expectation',
    jsontext ->> '$.errors[0].message',
    jsontext ->> '$.errors[0]'
  ) AS first_message,
  COALESCE(jsontext ->> '$.line', jsontext ->> '$.data.payload') AS payload,
  COALESCE(jsontext ->> '$.data.treatment.policy', jsontext ->> '$.treatment.policy') AS policy,
  COALESCE(jsontext ->> '$.data.treatment.key', jsontext ->> '$.treatment.key') AS key_id,
  jsontext,
  uploaded_at
FROM gitlab_bad_events
WHERE COALESCE(jsontext ->> '$.schema', '') NOT LIKE 'iglu:io.whiteout/quarantine/%';

-- Every message of every bad event, with what it is about: a schema, a field, a parameter.
CREATE VIEW bad_event_messages AS
WITH messages AS (
  SELECT
    COALESCE('[' || replace(json_quote(b.jsontext ->> '$.schema'), '/', '","') || ']' ->> '$[1]', 'line') AS family,
    m.key AS message_index,
    -- An item as JSON, whatever it is.
    CASE WHEN m.type IN ('object', 'array') THEN m.value ELSE json_quote(m.value) END AS item,
    b.uploaded_at
  FROM gitlab_bad_events AS b, json_each(COALESCE(
    b.jsontext -> '$.data.failure.messages', b.jsontext -> '$.data.failure.errors', b.jsontext -> '$.errors'
  )) AS m
)
SELECT
  family,
  message_index,
  COALESCE(item ->> '$.schemaKey', item ->> '$.message.schemaKey', item ->> '$.enrichment.schemaKey') AS schema_key,
  COALESCE(
    item ->> '$.error.dataReports[0].path', item ->> '$.field', item ->> '$.message.field', item ->> '$.payloadField'
  ) AS path,
  item ->> '$.error.dataReports[0].keyword' AS keyword,
  COALESCE(
    item ->> '$.error.dataReports[0].message',
    item ->> '$.error.error',
    item ->> '$.message.error',
    item ->> '$.message.expectation',
    item ->> '$.expectation',
    item ->> '$.error',
    item ->> '$.message',
    item ->> '$'
  ) AS message,
  uploaded_at
FROM messages;

-- Classes of bad events: what happened where, why it mostly happens, and what to do about it.
CREATE VIEW bad_event_classes AS
SELECT
  jsontext ->> '$.fingerprint' AS fingerprint,
  jsontext ->> '$.family' AS family,
  jsontext ->> '$.sub_class' AS sub_class,
  jsontext ->> '$.severity' AS severity,
  COALESCE(json_type(jsontext, '$.is_noise') = 'true', 0) AS is_noise,
  jsontext ->> '$.noise_rule' AS noise_rule,
  jsontext ->> '$.noise_reason' AS noise_reason,
  jsontext ->> '$.stage' AS stage,
  jsontext ->> '$.type' AS bad_event_type,
  jsontext ->> '$.schema' AS schema_key,
  jsontext ->> '$.schema_latest' AS schema_latest,
  jsontext ->> '$.schema_with_field' AS schema_with_field,
  jsontext ->> '$.pointer' AS pointer,
  jsontext ->> '$.keyword' AS keyword,
  CASE WHEN json_type(jsontext, '$.failures') = 'integer' THEN jsontext ->> '$.failures' END AS failures,
  jsontext ->> '$.app_id' AS app_id,
  jsontext ->> '$.tracker' AS tracker,
  jsontext ->> '$.owner' AS owner,
  jsontext ->> '$.likely_cause' AS likely_cause,
  jsontext ->> '$.remedy' AS remedy,
  jsontext ->> '$.recoverable' AS recoverable,
  jsontext ->> '$.classifier_version' AS classifier_version,
  uploaded_at
FROM gitlab_bad_event_classes;

-- The list to work through: each failure once, noise left out, the worst and most frequent first.
CREATE VIEW bad_event_groups AS
SELECT
  fingerprint,
  MIN(severity) AS severity,
  COUNT(*) AS bad_events,
  MIN(uploaded_at) AS first_seen,
  MAX(uploaded_at) AS last_seen,
  MAX(family) AS family,
  MAX(schema_key) AS schema_key,
  MAX(pointer) AS pointer,
  MAX(keyword) AS keyword,
  COUNT(DISTINCT app_id) AS applications,
  MAX(owner) AS owner,
  MAX(likely_cause) AS likely_cause,
  MAX(remedy) AS remedy,
  MAX(recoverable) AS recoverable
FROM bad_event_classes
WHERE NOT is_noise
GROUP BY fingerprint
ORDER BY severity, bad_events DESC;

-- By which policy and which key an event was treated. Pseudonyms of two keys do not join.
CREATE VIEW treatments AS
SELECT
  e.event_id,
  c.value ->> '$.data.policy' AS policy,
  c.value ->> '$.data.key' AS key_id,
  e.uploaded_at
FROM events AS e, json_each(
  CASE WHEN instr(e.derived_contexts, 'iglu:io.whiteout/treatment/') AND json_valid(e.derived_contexts)
    THEN e.derived_contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:io.whiteout/treatment/jsonschema/*';
