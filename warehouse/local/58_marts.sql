-- What analysts query, with the names and columns of warehouse/snowflake/58_marts.sql.

-- The data of an event's first gitlab_standard entity, beside the event. A view of its own, so that the mart's columns
-- are taken from it only when a query asks for them: a count of events reads no JSON at all.
CREATE VIEW _events_with_standard AS
SELECT
  e.*,
  (
    SELECT c.value -> '$.data'
    FROM json_each(CASE
      WHEN instr(e.contexts, 'iglu:com.gitlab/gitlab_standard/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
    ) AS c
    WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/gitlab_standard/jsonschema/*'
    ORDER BY c.key
    LIMIT 1
  ) AS standard
FROM events AS e;

-- Structured events, each with what its first gitlab_standard entity says.
CREATE VIEW mart_behavior_structured_event AS
SELECT
  e.event_id AS behavior_structured_event_pk,
  e.behavior_at,
  substr(e.behavior_at, 1, 10) AS behavior_date,
  e.app_id,
  e.platform,
  e.se_category AS event_category,
  e.se_action AS event_action,
  e.se_label AS event_label,
  e.se_property AS event_property,
  CASE WHEN typeof(e.se_value) IN ('integer', 'real') THEN e.se_value END AS event_value,
  e.v_tracker AS tracker_version,
  e.domain_sessionid AS session_id,
  e.domain_userid AS user_snowplow_domain_id,
  CAST(e.standard ->> '$.user_id' AS TEXT) AS gsc_pseudonymized_user_id,
  CASE WHEN json_type(e.standard, '$.project_id') = 'integer' THEN e.standard ->> '$.project_id' END AS gsc_project_id,
  CASE WHEN json_type(e.standard, '$.namespace_id') = 'integer'
    THEN e.standard ->> '$.namespace_id' END AS gsc_namespace_id,
  CASE WHEN json_type(e.standard, '$.ultimate_parent_namespace_id') = 'integer'
    THEN e.standard ->> '$.ultimate_parent_namespace_id' END AS gsc_ultimate_parent_namespace_id,
  CAST(e.standard ->> '$.environment' AS TEXT) AS gsc_environment,
  CAST(e.standard ->> '$.source' AS TEXT) AS gsc_source,
  CAST(e.standard ->> '$.plan' AS TEXT) AS gsc_plan,
  CAST(e.standard ->> '$.realm' AS TEXT) AS gsc_realm,
  CAST(e.standard ->> '$.deployment_type' AS TEXT) AS gsc_deployment_type,
  CAST(e.standard ->> '$.instance_id' AS TEXT) AS gsc_instance_id,
  CAST(e.standard ->> '$.global_user_id' AS TEXT) AS gsc_global_user_id,
  CAST(e.standard ->> '$.correlation_id' AS TEXT) AS gsc_correlation_id,
  NULLIF(e.standard -> '$.extra', 'null') AS gsc_extra,
  e.uploaded_at
FROM _events_with_standard AS e
WHERE e.event = 'struct';

-- The three kinds of Service Ping, which are tables in Snowflake.
CREATE VIEW usage_data AS
SELECT * FROM service_ping WHERE jsontext ->> '$.kind' = 'usage_data';

CREATE VIEW metadata AS
SELECT * FROM service_ping WHERE jsontext ->> '$.kind' = 'usage_ping_metadata';

CREATE VIEW errors AS
SELECT * FROM service_ping WHERE jsontext ->> '$.kind' = 'usage_ping_errors';

-- Service Ping, each ping once: one that is sent again has the same duplicate_key, and its first copy counts.
CREATE VIEW pings AS
WITH copies AS (
  SELECT
    jsontext,
    uploaded_at,
    CASE WHEN jsontext ->> '$.received_at' GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*'
      THEN strftime('%Y-%m-%d %H:%M:%f', jsontext ->> '$.received_at') END AS received_at,
    ROW_NUMBER() OVER (
      PARTITION BY jsontext ->> '$.duplicate_key' ORDER BY jsontext ->> '$.received_at', uploaded_at
    ) AS copy
  FROM usage_data
)
SELECT
  CASE WHEN json_type(jsontext, '$.id') = 'integer' THEN jsontext ->> '$.id' END AS usage_data_id,
  jsontext ->> '$.payload.uuid' AS dim_instance_id,
  jsontext ->> '$.payload.hostname' AS host_name,
  jsontext ->> '$.payload.version' AS version,
  jsontext ->> '$.payload.edition' AS edition,
  COALESCE(
    CASE WHEN jsontext ->> '$.payload.recorded_at' GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*'
      THEN strftime('%Y-%m-%d %H:%M:%f', jsontext ->> '$.payload.recorded_at') END,
    received_at
  ) AS ping_created_at,
  received_at,
  jsontext ->> '$.policy' AS policy,
  jsontext ->> '$.key' AS key_id,
  jsontext -> '$.payload' AS payload,
  uploaded_at
FROM copies
WHERE copy = 1;

-- How long the metrics of a ping took, one row for each metric.
CREATE VIEW metric_timings AS
SELECT
  p.jsontext ->> '$.payload.metadata.uuid' AS dim_instance_id,
  m.value ->> '$.name' AS metrics_path,
  CASE WHEN json_type(m.value, '$.time_elapsed') IN ('integer', 'real')
    THEN CAST(m.value ->> '$.time_elapsed' AS REAL) END AS seconds,
  m.value ->> '$.error' AS error,
  CASE WHEN p.jsontext ->> '$.received_at' GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*'
    THEN strftime('%Y-%m-%d %H:%M:%f', p.jsontext ->> '$.received_at') END AS received_at,
  p.uploaded_at
FROM metadata AS p, json_each(p.jsontext, '$.payload.metadata.metrics') AS m
WHERE m.type = 'object';

-- Pings that an installation could not make or send.
CREATE VIEW ping_errors AS
SELECT
  jsontext ->> '$.payload.error.uuid' AS dim_instance_id,
  jsontext ->> '$.payload.error.version' AS version,
  jsontext ->> '$.payload.error.message' AS message,
  CASE WHEN json_type(jsontext, '$.payload.error.elapsed') IN ('integer', 'real')
    THEN CAST(jsontext ->> '$.payload.error.elapsed' AS REAL) END AS seconds,
  CASE WHEN jsontext ->> '$.received_at' GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-*'
    THEN strftime('%Y-%m-%d %H:%M:%f', jsontext ->> '$.received_at') END AS received_at,
  uploaded_at
FROM errors;

-- Service Ping, one row for each value. json_tree puts what is no plain word into quotes; a path has none.
CREATE VIEW fct_ping_instance_metric_rolling_6_months AS
SELECT
  p.dim_instance_id,
  p.host_name,
  p.version,
  p.ping_created_at,
  replace(substr(m.fullkey, 3), '"', '') AS metrics_path,
  CASE WHEN m.type IN ('true', 'false') THEN m.type ELSE CAST(m.atom AS TEXT) END AS metric_value,
  p.uploaded_at
FROM pings AS p, json_tree(p.payload) AS m
WHERE p.ping_created_at >= strftime('%Y-%m-%d %H:%M:%f', 'now', '-6 months')
  AND m.type NOT IN ('object', 'array');
