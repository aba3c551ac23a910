-- What analysts query: the tables of the documentation of GitLab's internal analytics, so that its SQL runs unchanged.

-- Structured events, each with what its first gitlab_standard entity says.
CREATE OR REPLACE VIEW prod.common_mart.mart_behavior_structured_event AS
SELECT
  e.event_id AS behavior_structured_event_pk,
  e.behavior_at,
  CAST(e.behavior_at AS DATE) AS behavior_date,
  e.app_id,
  e.platform,
  e.se_category AS event_category,
  e.se_action AS event_action,
  e.se_label AS event_label,
  e.se_property AS event_property,
  TRY_CAST(e.se_value AS NUMBER(38, 9)) AS event_value,
  e.v_tracker AS tracker_version,
  e.domain_sessionid AS session_id,
  e.domain_userid AS user_snowplow_domain_id,
  s.user_id AS gsc_pseudonymized_user_id,
  s.project_id AS gsc_project_id,
  s.namespace_id AS gsc_namespace_id,
  s.ultimate_parent_namespace_id AS gsc_ultimate_parent_namespace_id,
  s.environment AS gsc_environment,
  s.source AS gsc_source,
  s.plan AS gsc_plan,
  s.realm AS gsc_realm,
  s.deployment_type AS gsc_deployment_type,
  s.instance_id AS gsc_instance_id,
  s.global_user_id AS gsc_global_user_id,
  s.correlation_id AS gsc_correlation_id,
  s.extra AS gsc_extra,
  e.uploaded_at
FROM prep.snowplow.events AS e
LEFT JOIN prep.snowplow.context_gitlab_standard AS s
  ON s.event_id = e.event_id AND s.occurrence = 1
WHERE e.event = 'struct';

-- Service Ping, each ping once: one that is sent again has the same duplicate_key, and its first copy counts.
CREATE OR REPLACE VIEW prep.service_ping.pings AS
SELECT
  TRY_CAST(jsontext:id::STRING AS NUMBER(38, 0)) AS usage_data_id,
  jsontext:payload:uuid::STRING AS dim_instance_id,
  jsontext:payload:hostname::STRING AS host_name,
  jsontext:payload:version::STRING AS version,
  jsontext:payload:edition::STRING AS edition,
  COALESCE(
    TRY_CAST(jsontext:payload:recorded_at::STRING AS TIMESTAMP_NTZ),
    TRY_CAST(jsontext:received_at::STRING AS TIMESTAMP_NTZ)
  ) AS ping_created_at,
  TRY_CAST(jsontext:received_at::STRING AS TIMESTAMP_NTZ) AS received_at,
  jsontext:policy::STRING AS policy,
  jsontext:key::STRING AS key_id,
  jsontext:payload AS payload,
  uploaded_at
FROM raw.service_ping.usage_data
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY jsontext:duplicate_key::STRING ORDER BY jsontext:received_at::STRING, uploaded_at
) = 1;

-- How long the metrics of a ping took, one row for each metric.
CREATE OR REPLACE VIEW prep.service_ping.metric_timings AS
SELECT
  p.jsontext:payload:metadata:uuid::STRING AS dim_instance_id,
  m.value:name::STRING AS metrics_path,
  TRY_CAST(m.value:time_elapsed::STRING AS DOUBLE) AS seconds,
  m.value:error::STRING AS error,
  TRY_CAST(p.jsontext:received_at::STRING AS TIMESTAMP_NTZ) AS received_at,
  p.uploaded_at
FROM raw.service_ping.metadata AS p,
LATERAL FLATTEN(INPUT => p.jsontext:payload:metadata:metrics) AS m;

-- Pings that an installation could not make or send.
CREATE OR REPLACE VIEW prep.service_ping.ping_errors AS
SELECT
  jsontext:payload:error:uuid::STRING AS dim_instance_id,
  jsontext:payload:error:version::STRING AS version,
  jsontext:payload:error:message::STRING AS message,
  TRY_CAST(jsontext:payload:error:elapsed::STRING AS DOUBLE) AS seconds,
  TRY_CAST(jsontext:received_at::STRING AS TIMESTAMP_NTZ) AS received_at,
  uploaded_at
FROM raw.service_ping.errors;

-- Service Ping, one row for each value: the table that the documentation queries. -1 and -2 say that a value could
-- not be counted, -1000 that the metric is gone; they are values here, as they are there.
CREATE OR REPLACE VIEW prod.common.fct_ping_instance_metric_rolling_6_months AS
SELECT
  p.dim_instance_id,
  p.host_name,
  p.version,
  p.ping_created_at,
  m.path AS metrics_path,
  m.value::STRING AS metric_value,
  p.uploaded_at
FROM prep.service_ping.pings AS p,
LATERAL FLATTEN(INPUT => p.payload, RECURSIVE => TRUE) AS m
WHERE p.ping_created_at >= DATEADD(MONTH, -6, CURRENT_TIMESTAMP())
  AND TYPEOF(m.value) NOT IN ('OBJECT', 'ARRAY');
