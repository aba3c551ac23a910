-- What is read instead of the tables: events once each, late ones, duplicates, quarantine, bad events of both formats.
--
-- Views, so that nothing has to be scheduled to try them. At millions of events a day make a table of
-- prep.snowplow.events; warehouse/README.md shows the INSERT that does it without losing late events.

-- Rows that are events, with their moments as timestamps; a copy of an event is here again.
--
-- A policy may shorten a time, and what fits no class is a pseudonym, so nothing is cast that could stop a query:
-- TRY_CAST gives NULL where :: would end it.
CREATE OR REPLACE VIEW prep.snowplow.events_with_copies AS
SELECT
  e.*,
  TRY_CAST(e.collector_tstamp AS TIMESTAMP_NTZ) AS collected_at,
  COALESCE(
    IFF(YEAR(TRY_CAST(e.derived_tstamp AS TIMESTAMP_NTZ)) > 1970, TRY_CAST(e.derived_tstamp AS TIMESTAMP_NTZ), NULL),
    TRY_CAST(e.collector_tstamp AS TIMESTAMP_NTZ)
  ) AS behavior_at
FROM raw.snowplow.gitlab_events AS e
-- A quarantine line is JSON in the first column and nothing in the others. Every event has an id: where the tracker sent
-- none, the enricher derives one. So no policy may drop event_id.
WHERE e.event_id IS NOT NULL;

-- Events, each once.
--
-- Delivery is at least once, so a second copy is no sign of a bad event. It is the later copy that goes, not both: the
-- first one loaded stays, whatever comes again. event_id alone tells copies apart; etl_tstamp differs between them.
CREATE OR REPLACE VIEW prep.snowplow.events AS
SELECT *
FROM prep.snowplow.events_with_copies
QUALIFY ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY uploaded_at, etl_tstamp) = 1;

-- What the pseudonymizer could not read: from which stream, why, and a pseudonym by which copies can be told.
CREATE OR REPLACE VIEW prep.snowplow.quarantine AS
WITH lines AS (
  SELECT TRY_PARSE_JSON(app_id) AS line, uploaded_at
  FROM raw.snowplow.gitlab_events
  WHERE event_id IS NULL AND STARTSWITH(app_id, '{')
  UNION ALL
  SELECT jsontext AS line, uploaded_at
  FROM raw.snowplow.gitlab_bad_events
)
SELECT
  line:data:stream::STRING AS stream,
  line:data:reason::STRING AS reason,
  line:data:"column"::STRING AS column_name,
  line:data:line::STRING AS line_pseudonym,
  line:data:policy::STRING AS policy,
  line:data:key::STRING AS key_id,
  line:data:sealed::STRING AS sealed,
  uploaded_at
FROM lines
WHERE line:schema::STRING LIKE 'iglu:io.whiteout/quarantine/%';

-- Events that came more than once, with the time between first and last copy. Many rows soon after a replay are
-- expected; many without one mean that something upstream fails and repeats.
CREATE OR REPLACE VIEW prep.snowplow.event_duplicates AS
SELECT
  event_id,
  COUNT(*) AS copies,
  COUNT(DISTINCT collector_tstamp) AS requests,
  MIN(uploaded_at) AS first_uploaded_at,
  MAX(uploaded_at) AS last_uploaded_at
FROM raw.snowplow.gitlab_events
WHERE event_id IS NOT NULL
GROUP BY event_id
HAVING COUNT(*) > 1;

-- Events that were loaded more than a day after they happened: trackers that were offline, and replays.
-- Whoever takes "everything newer than the newest derived_tstamp that I have" never sees them; take uploaded_at.
CREATE OR REPLACE VIEW prep.snowplow.late_events AS
SELECT
  event_id,
  app_id,
  event_name,
  behavior_at,
  collected_at,
  uploaded_at,
  DATEDIFF(HOUR, behavior_at, uploaded_at) AS hours_late,
  DATEDIFF(HOUR, collected_at, uploaded_at) AS hours_in_pipeline
FROM prep.snowplow.events
WHERE behavior_at < DATEADD(DAY, -1, uploaded_at);

-- Bad events, both formats in the same columns: self-describing ones (schema, data), and the older ones
-- (line, errors, failure_tstamp). Models that ask for errors[] alone do not see the former at all.
CREATE OR REPLACE VIEW prep.snowplow.bad_events AS
SELECT
  IFF(jsontext:schema IS NULL, 'line', 'self-describing') AS format,
  COALESCE(SPLIT_PART(jsontext:schema::STRING, '/', 2), 'line') AS family,
  SPLIT_PART(jsontext:schema::STRING, '/', 4) AS schema_version,
  TRY_CAST(COALESCE(jsontext:data:failure:timestamp, jsontext:failure_tstamp)::STRING AS TIMESTAMP_NTZ) AS failed_at,
  jsontext:data:processor:artifact::STRING AS processor,
  jsontext:data:processor:version::STRING AS processor_version,
  jsontext:data:payload:enriched:app_id::STRING AS app_id,
  jsontext:data:payload:enriched:v_tracker::STRING AS v_tracker,
  ARRAY_SIZE(COALESCE(jsontext:data:failure:messages, jsontext:data:failure:errors, jsontext:errors)) AS messages,
  COALESCE(
    jsontext:data:failure:messages[0]:error:dataReports[0]:message,
    jsontext:data:failure:messages[0]:error:error,
    jsontext:data:failure:messages[0]:message:error,
    jsontext:data:failure:messages[0]:message:expectation,
    jsontext:data:failure:messages[0]:expectation,
    jsontext:data:failure:messages[0]:error,
    jsontext:data:failure:message:error,
    jsontext:data:failure:message:expectation,
    jsontext:data:failure:errors[0],
    jsontext:data:failure:expectation,
    jsontext:errors[0]:message,
    jsontext:errors[0]
  )::STRING AS first_message,
  COALESCE(jsontext:line, jsontext:data:payload) AS payload,
  COALESCE(jsontext:data:treatment:policy, jsontext:treatment:policy)::STRING AS policy,
  COALESCE(jsontext:data:treatment:key, jsontext:treatment:key)::STRING AS key_id,
  jsontext,
  uploaded_at
FROM raw.snowplow.gitlab_bad_events
WHERE COALESCE(jsontext:schema::STRING, '') NOT LIKE 'iglu:io.whiteout/quarantine/%';

-- Every message of every bad event, with what it is about: a schema, a field, a parameter.
CREATE OR REPLACE VIEW prep.snowplow.bad_event_messages AS
SELECT
  COALESCE(SPLIT_PART(b.jsontext:schema::STRING, '/', 2), 'line') AS family,
  m.index AS message_index,
  COALESCE(m.value:schemaKey, m.value:message:schemaKey, m.value:enrichment:schemaKey)::STRING AS schema_key,
  COALESCE(m.value:error:dataReports[0]:path, m.value:field, m.value:message:field, m.value:payloadField)::STRING AS path,
  m.value:error:dataReports[0]:keyword::STRING AS keyword,
  COALESCE(
    m.value:error:dataReports[0]:message,
    m.value:error:error,
    m.value:message:error,
    m.value:message:expectation,
    m.value:expectation,
    m.value:error,
    m.value:message,
    m.value
  )::STRING AS message,
  b.uploaded_at
FROM raw.snowplow.gitlab_bad_events AS b,
LATERAL FLATTEN(INPUT => COALESCE(b.jsontext:data:failure:messages, b.jsontext:data:failure:errors, b.jsontext:errors)) AS m;

-- Classes of bad events: what happened where, why it mostly happens, and what to do about it.
CREATE OR REPLACE VIEW prep.snowplow.bad_event_classes AS
SELECT
  jsontext:fingerprint::STRING AS fingerprint,
  jsontext:family::STRING AS family,
  jsontext:sub_class::STRING AS sub_class,
  jsontext:severity::STRING AS severity,
  COALESCE(TRY_CAST(jsontext:is_noise::STRING AS BOOLEAN), FALSE) AS is_noise,
  jsontext:noise_rule::STRING AS noise_rule,
  jsontext:noise_reason::STRING AS noise_reason,
  jsontext:stage::STRING AS stage,
  jsontext:type::STRING AS bad_event_type,
  jsontext:schema::STRING AS schema_key,
  jsontext:schema_latest::STRING AS schema_latest,
  jsontext:schema_with_field::STRING AS schema_with_field,
  jsontext:pointer::STRING AS pointer,
  jsontext:keyword::STRING AS keyword,
  TRY_CAST(jsontext:failures::STRING AS NUMBER(38, 0)) AS failures,
  jsontext:app_id::STRING AS app_id,
  jsontext:tracker::STRING AS tracker,
  jsontext:owner::STRING AS owner,
  jsontext:likely_cause::STRING AS likely_cause,
  jsontext:remedy::STRING AS remedy,
  jsontext:recoverable::STRING AS recoverable,
  jsontext:classifier_version::STRING AS classifier_version,
  uploaded_at
FROM raw.snowplow.gitlab_bad_event_classes;

-- The list to work through: each failure once, noise left out, the worst and most frequent first.
CREATE OR REPLACE VIEW prep.snowplow.bad_event_groups AS
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
FROM prep.snowplow.bad_event_classes
WHERE NOT is_noise
GROUP BY fingerprint
ORDER BY severity, bad_events DESC;

-- By which policy and which key an event was treated. Pseudonyms of two keys do not join.
CREATE OR REPLACE VIEW prep.snowplow.treatments AS
SELECT
  e.event_id,
  c.value:data:policy::STRING AS policy,
  c.value:data:key::STRING AS key_id,
  e.uploaded_at
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.derived_contexts):data) AS c
WHERE CONTAINS(e.derived_contexts, 'iglu:io.whiteout/treatment/')
  AND c.value:schema::STRING LIKE 'iglu:io.whiteout/treatment/jsonschema/%';
