-- Entities of com.gitlab, a view for each, a row for each occurrence. Written by warehouse/contexts.py; change that.
--
-- A view has the fields of all versions of its schema; context_version says which one an event named.
-- An event may carry an entity more than once (gitlab_experiment does): occurrence counts from 1.
-- A column of numbers is NULL where a value did not fit its rule and became a pseudonym. user_id is text.
-- What a CASE surrounds would end the query on an item that is no object: a WHERE promises no order.

CREATE VIEW context_gitlab_standard AS
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
        GLOB 'iglu:com.gitlab/gitlab_standard/jsonschema/*'
  ) AS occurrence,
  CASE WHEN json_type(c.value, '$.data.project_id') = 'integer' THEN c.value ->> '$.data.project_id' END AS project_id,
  CASE WHEN json_type(c.value, '$.data.namespace_id') = 'integer' THEN c.value ->> '$.data.namespace_id' END AS namespace_id,
  CAST(c.value ->> '$.data.environment' AS TEXT) AS environment,
  CAST(c.value ->> '$.data.source' AS TEXT) AS source,
  NULLIF(c.value -> '$.data.extra', 'null') AS extra,
  CAST(c.value ->> '$.data.plan' AS TEXT) AS plan,
  CAST(c.value ->> '$.data.google_analytics_id' AS TEXT) AS google_analytics_id,
  CAST(c.value ->> '$.data.user_id' AS TEXT) AS user_id,
  CAST(c.value ->> '$.data.context_generated_at' AS TEXT) AS context_generated_at,
  CASE json_type(c.value, '$.data.is_gitlab_team_member') WHEN 'true' THEN 1 WHEN 'false' THEN 0 END AS is_gitlab_team_member,
  NULLIF(c.value -> '$.data.feature_enabled_by_namespace_ids', 'null') AS feature_enabled_by_namespace_ids,
  CAST(c.value ->> '$.data.realm' AS TEXT) AS realm,
  CAST(c.value ->> '$.data.instance_id' AS TEXT) AS instance_id,
  CAST(c.value ->> '$.data.host_name' AS TEXT) AS host_name,
  CAST(c.value ->> '$.data.instance_version' AS TEXT) AS instance_version,
  CAST(c.value ->> '$.data.global_user_id' AS TEXT) AS global_user_id,
  CAST(c.value ->> '$.data.correlation_id' AS TEXT) AS correlation_id,
  CAST(c.value ->> '$.data.interface' AS TEXT) AS interface,
  CAST(c.value ->> '$.data.client_name' AS TEXT) AS client_name,
  CAST(c.value ->> '$.data.client_version' AS TEXT) AS client_version,
  CAST(c.value ->> '$.data.client_type' AS TEXT) AS client_type,
  CAST(c.value ->> '$.data.feature_category' AS TEXT) AS feature_category,
  CAST(c.value ->> '$.data.feature_enablement_type' AS TEXT) AS feature_enablement_type,
  CASE WHEN json_type(c.value, '$.data.input_tokens') = 'integer' THEN c.value ->> '$.data.input_tokens' END AS input_tokens,
  CASE WHEN json_type(c.value, '$.data.output_tokens') = 'integer' THEN c.value ->> '$.data.output_tokens' END AS output_tokens,
  CASE WHEN json_type(c.value, '$.data.total_tokens') = 'integer' THEN c.value ->> '$.data.total_tokens' END AS total_tokens,
  CAST(c.value ->> '$.data.model_engine' AS TEXT) AS model_engine,
  CAST(c.value ->> '$.data.model_name' AS TEXT) AS model_name,
  CAST(c.value ->> '$.data.model_provider' AS TEXT) AS model_provider,
  CAST(c.value ->> '$.data.unique_instance_id' AS TEXT) AS unique_instance_id,
  CASE WHEN json_type(c.value, '$.data.ultimate_parent_namespace_id') = 'integer' THEN c.value ->> '$.data.ultimate_parent_namespace_id' END AS ultimate_parent_namespace_id,
  CAST(c.value ->> '$.data.user_type' AS TEXT) AS user_type,
  CAST(c.value ->> '$.data.deployment_type' AS TEXT) AS deployment_type,
  CASE WHEN json_type(c.value, '$.data.organization_id') = 'integer' THEN c.value ->> '$.data.organization_id' END AS organization_id
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/gitlab_standard/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/gitlab_standard/jsonschema/*';

CREATE VIEW context_gitlab_service_ping AS
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
        GLOB 'iglu:com.gitlab/gitlab_service_ping/jsonschema/*'
  ) AS occurrence,
  CAST(c.value ->> '$.data.data_source' AS TEXT) AS data_source,
  CAST(c.value ->> '$.data.event_name' AS TEXT) AS event_name,
  CAST(c.value ->> '$.data.key_path' AS TEXT) AS key_path
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/gitlab_service_ping/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/gitlab_service_ping/jsonschema/*';

CREATE VIEW context_gitlab_experiment AS
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
        GLOB 'iglu:com.gitlab/gitlab_experiment/jsonschema/*'
  ) AS occurrence,
  CAST(c.value ->> '$.data.key' AS TEXT) AS key,
  CAST(c.value ->> '$.data.variant' AS TEXT) AS variant,
  NULLIF(c.value -> '$.data.migrations', 'null') AS migrations,
  CAST(c.value ->> '$.data.experiment' AS TEXT) AS experiment,
  NULLIF(c.value -> '$.data.migration_keys', 'null') AS migration_keys,
  NULLIF(c.value -> '$.data.performance', 'null') AS performance,
  CASE json_type(c.value, '$.data.excluded') WHEN 'true' THEN 1 WHEN 'false' THEN 0 END AS excluded
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/gitlab_experiment/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/gitlab_experiment/jsonschema/*';

CREATE VIEW context_ai_context AS
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
        GLOB 'iglu:com.gitlab/ai_context/jsonschema/*'
  ) AS occurrence,
  CAST(c.value ->> '$.data.session_id' AS TEXT) AS session_id,
  CAST(c.value ->> '$.data.workflow_id' AS TEXT) AS workflow_id,
  CAST(c.value ->> '$.data.flow_type' AS TEXT) AS flow_type,
  CAST(c.value ->> '$.data.agent_name' AS TEXT) AS agent_name,
  CAST(c.value ->> '$.data.agent_type' AS TEXT) AS agent_type,
  CASE WHEN json_type(c.value, '$.data.input_tokens') = 'integer' THEN c.value ->> '$.data.input_tokens' END AS input_tokens,
  CASE WHEN json_type(c.value, '$.data.output_tokens') = 'integer' THEN c.value ->> '$.data.output_tokens' END AS output_tokens,
  CASE WHEN json_type(c.value, '$.data.total_tokens') = 'integer' THEN c.value ->> '$.data.total_tokens' END AS total_tokens,
  CASE WHEN json_type(c.value, '$.data.ephemeral_5m_input_tokens') = 'integer' THEN c.value ->> '$.data.ephemeral_5m_input_tokens' END AS ephemeral_5m_input_tokens,
  CASE WHEN json_type(c.value, '$.data.ephemeral_1h_input_tokens') = 'integer' THEN c.value ->> '$.data.ephemeral_1h_input_tokens' END AS ephemeral_1h_input_tokens,
  CASE WHEN json_type(c.value, '$.data.cache_read') = 'integer' THEN c.value ->> '$.data.cache_read' END AS cache_read,
  CAST(c.value ->> '$.data.model_engine' AS TEXT) AS model_engine,
  CAST(c.value ->> '$.data.model_name' AS TEXT) AS model_name,
  CAST(c.value ->> '$.data.model_provider' AS TEXT) AS model_provider,
  CAST(c.value ->> '$.data.flow_version' AS TEXT) AS flow_version,
  CAST(c.value ->> '$.data.flow_registry_version' AS TEXT) AS flow_registry_version,
  CASE WHEN json_type(c.value, '$.data.cache_creation') = 'integer' THEN c.value ->> '$.data.cache_creation' END AS cache_creation
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/ai_context/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/ai_context/jsonschema/*';

CREATE VIEW context_code_suggestions_context AS
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
        GLOB 'iglu:com.gitlab/code_suggestions_context/jsonschema/*'
  ) AS occurrence,
  NULLIF(c.value -> '$.data.request_counts', 'null') AS request_counts,
  CASE WHEN json_type(c.value, '$.data.prefix_length') = 'integer' THEN c.value ->> '$.data.prefix_length' END AS prefix_length,
  CASE WHEN json_type(c.value, '$.data.suffix_length') = 'integer' THEN c.value ->> '$.data.suffix_length' END AS suffix_length,
  CAST(c.value ->> '$.data.language' AS TEXT) AS language,
  CAST(c.value ->> '$.data.user_agent' AS TEXT) AS user_agent,
  CAST(c.value ->> '$.data.gitlab_realm' AS TEXT) AS gitlab_realm,
  CAST(c.value ->> '$.data.model_engine' AS TEXT) AS model_engine,
  CAST(c.value ->> '$.data.model_name' AS TEXT) AS model_name,
  CASE WHEN json_type(c.value, '$.data.api_status_code') = 'integer' THEN c.value ->> '$.data.api_status_code' END AS api_status_code,
  CAST(c.value ->> '$.data.gitlab_host_name' AS TEXT) AS gitlab_host_name,
  NULLIF(c.value -> '$.data.gitlab_saas_namespace_ids', 'null') AS gitlab_saas_namespace_ids,
  CAST(c.value ->> '$.data.suggestion_source' AS TEXT) AS suggestion_source,
  CAST(c.value ->> '$.data.gitlab_instance_id' AS TEXT) AS gitlab_instance_id,
  NULLIF(c.value -> '$.data.gitlab_saas_duo_pro_namespace_ids', 'null') AS gitlab_saas_duo_pro_namespace_ids,
  CASE json_type(c.value, '$.data.is_streaming') WHEN 'true' THEN 1 WHEN 'false' THEN 0 END AS is_streaming,
  CAST(c.value ->> '$.data.gitlab_global_user_id' AS TEXT) AS gitlab_global_user_id,
  CASE json_type(c.value, '$.data.is_invoked') WHEN 'true' THEN 1 WHEN 'false' THEN 0 END AS is_invoked,
  CASE WHEN json_type(c.value, '$.data.options_count') = 'integer' THEN c.value ->> '$.data.options_count' END AS options_count,
  CASE WHEN json_type(c.value, '$.data.accepted_option') = 'integer' THEN c.value ->> '$.data.accepted_option' END AS accepted_option,
  CASE json_type(c.value, '$.data.has_advanced_context') WHEN 'true' THEN 1 WHEN 'false' THEN 0 END AS has_advanced_context,
  CASE json_type(c.value, '$.data.is_direct_connection') WHEN 'true' THEN 1 WHEN 'false' THEN 0 END AS is_direct_connection,
  CAST(c.value ->> '$.data.gitlab_instance_version' AS TEXT) AS gitlab_instance_version,
  CASE WHEN json_type(c.value, '$.data.total_context_size_bytes') = 'integer' THEN c.value ->> '$.data.total_context_size_bytes' END AS total_context_size_bytes,
  CASE WHEN json_type(c.value, '$.data.content_above_cursor_size_bytes') = 'integer' THEN c.value ->> '$.data.content_above_cursor_size_bytes' END AS content_above_cursor_size_bytes,
  CASE WHEN json_type(c.value, '$.data.content_below_cursor_size_bytes') = 'integer' THEN c.value ->> '$.data.content_below_cursor_size_bytes' END AS content_below_cursor_size_bytes,
  NULLIF(c.value -> '$.data.context_items', 'null') AS context_items,
  CASE WHEN json_type(c.value, '$.data.input_tokens') = 'integer' THEN c.value ->> '$.data.input_tokens' END AS input_tokens,
  CASE WHEN json_type(c.value, '$.data.output_tokens') = 'integer' THEN c.value ->> '$.data.output_tokens' END AS output_tokens,
  CASE WHEN json_type(c.value, '$.data.context_tokens_sent') = 'integer' THEN c.value ->> '$.data.context_tokens_sent' END AS context_tokens_sent,
  CASE WHEN json_type(c.value, '$.data.context_tokens_used') = 'integer' THEN c.value ->> '$.data.context_tokens_used' END AS context_tokens_used,
  CASE WHEN json_type(c.value, '$.data.debounce_interval') = 'integer' THEN c.value ->> '$.data.debounce_interval' END AS debounce_interval,
  CAST(c.value ->> '$.data.region' AS TEXT) AS region,
  NULLIF(c.value -> '$.data.context_items_resolution_strategies_summary', 'null') AS context_items_resolution_strategies_summary,
  CAST(c.value ->> '$.data.gitlab_feature_enablement_type' AS TEXT) AS gitlab_feature_enablement_type,
  CAST(c.value ->> '$.data.intent' AS TEXT) AS intent
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/code_suggestions_context/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/code_suggestions_context/jsonschema/*';

CREATE VIEW context_ide_extension_version AS
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
        GLOB 'iglu:com.gitlab/ide_extension_version/jsonschema/*'
  ) AS occurrence,
  CAST(c.value ->> '$.data.ide_name' AS TEXT) AS ide_name,
  CAST(c.value ->> '$.data.ide_version' AS TEXT) AS ide_version,
  CAST(c.value ->> '$.data.ide_vendor' AS TEXT) AS ide_vendor,
  CAST(c.value ->> '$.data.extension_name' AS TEXT) AS extension_name,
  CAST(c.value ->> '$.data.extension_version' AS TEXT) AS extension_version,
  CAST(c.value ->> '$.data.language_server_version' AS TEXT) AS language_server_version
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/ide_extension_version/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/ide_extension_version/jsonschema/*';

CREATE VIEW context_customer_standard AS
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
        GLOB 'iglu:com.gitlab/customer_standard/jsonschema/*'
  ) AS occurrence,
  CASE WHEN json_type(c.value, '$.data.customer_id') = 'integer' THEN c.value ->> '$.data.customer_id' END AS customer_id,
  CAST(c.value ->> '$.data.environment' AS TEXT) AS environment,
  CAST(c.value ->> '$.data.source' AS TEXT) AS source,
  CAST(c.value ->> '$.data.plan' AS TEXT) AS plan,
  CAST(c.value ->> '$.data.google_analytics_id' AS TEXT) AS google_analytics_id,
  CASE WHEN json_type(c.value, '$.data.namespace_id') = 'integer' THEN c.value ->> '$.data.namespace_id' END AS namespace_id,
  CAST(c.value ->> '$.data.subscription' AS TEXT) AS subscription,
  CAST(c.value ->> '$.data.billing_account_name' AS TEXT) AS billing_account_name,
  CAST(c.value ->> '$.data.subscription_name' AS TEXT) AS subscription_name,
  CAST(c.value ->> '$.data.product_rate_plan_product_name' AS TEXT) AS product_rate_plan_product_name,
  CAST(c.value ->> '$.data.product_rate_plan_id' AS TEXT) AS product_rate_plan_id,
  CAST(c.value ->> '$.data.base_product_name' AS TEXT) AS base_product_name,
  CAST(c.value ->> '$.data.base_product_id' AS TEXT) AS base_product_id,
  CAST(c.value ->> '$.data.zuora_account_number' AS TEXT) AS zuora_account_number,
  CAST(c.value ->> '$.data.flow_category' AS TEXT) AS flow_category,
  CAST(c.value ->> '$.data.entry_point' AS TEXT) AS entry_point
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/customer_standard/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/customer_standard/jsonschema/*';

CREATE VIEW context_ci_build_failed AS
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
        GLOB 'iglu:com.gitlab/ci_build_failed/jsonschema/*'
  ) AS occurrence,
  CASE WHEN json_type(c.value, '$.data.project') = 'integer' THEN c.value ->> '$.data.project' END AS project,
  CASE WHEN json_type(c.value, '$.data.build_id') = 'integer' THEN c.value ->> '$.data.build_id' END AS build_id,
  CAST(c.value ->> '$.data.build_name' AS TEXT) AS build_name,
  NULLIF(c.value -> '$.data.build_artifact_types', 'null') AS build_artifact_types,
  CASE WHEN json_type(c.value, '$.data.exit_code') = 'integer' THEN c.value ->> '$.data.exit_code' END AS exit_code,
  CAST(c.value ->> '$.data.failure_reason' AS TEXT) AS failure_reason
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/ci_build_failed/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/ci_build_failed/jsonschema/*';

CREATE VIEW context_orbit_common AS
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
        GLOB 'iglu:com.gitlab/orbit_common/jsonschema/*'
  ) AS occurrence,
  CAST(c.value ->> '$.data.deployment_type' AS TEXT) AS deployment_type,
  CAST(c.value ->> '$.data.environment' AS TEXT) AS environment,
  CAST(c.value ->> '$.data.correlation_id' AS TEXT) AS correlation_id,
  CAST(c.value ->> '$.data.instance_id' AS TEXT) AS instance_id,
  CAST(c.value ->> '$.data.unique_instance_id' AS TEXT) AS unique_instance_id,
  CAST(c.value ->> '$.data.host_name' AS TEXT) AS host_name,
  CASE WHEN json_type(c.value, '$.data.organization_id') = 'integer' THEN c.value ->> '$.data.organization_id' END AS organization_id,
  NULLIF(c.value -> '$.data.root_namespace_ids', 'null') AS root_namespace_ids,
  CAST(c.value ->> '$.data.schema_version' AS TEXT) AS schema_version,
  CAST(c.value ->> '$.data.surface' AS TEXT) AS surface,
  CAST(c.value ->> '$.data.coding_agent' AS TEXT) AS coding_agent
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/orbit_common/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/orbit_common/jsonschema/*';

CREATE VIEW context_pageview_context AS
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
        GLOB 'iglu:com.gitlab/pageview_context/jsonschema/*'
  ) AS occurrence,
  CAST(c.value ->> '$.data.page_type' AS TEXT) AS page_type,
  CASE WHEN json_type(c.value, '$.data.page_type_id') = 'integer' THEN c.value ->> '$.data.page_type_id' END AS page_type_id,
  CASE WHEN json_type(c.value, '$.data.namespace_id') = 'integer' THEN c.value ->> '$.data.namespace_id' END AS namespace_id,
  CASE WHEN json_type(c.value, '$.data.project_id') = 'integer' THEN c.value ->> '$.data.project_id' END AS project_id
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/pageview_context/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/pageview_context/jsonschema/*';

CREATE VIEW context_wiki_page_context AS
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
        GLOB 'iglu:com.gitlab/wiki_page_context/jsonschema/*'
  ) AS occurrence,
  CAST(c.value ->> '$.data."wiki-format"' AS TEXT) AS wiki_format,
  CASE WHEN json_type(c.value, '$.data."wiki-title-size"') = 'integer' THEN c.value ->> '$.data."wiki-title-size"' END AS wiki_title_size,
  CASE WHEN json_type(c.value, '$.data."wiki-content-size"') = 'integer' THEN c.value ->> '$.data."wiki-content-size"' END AS wiki_content_size,
  CASE WHEN json_type(c.value, '$.data."wiki-directory-nest-level"') = 'integer' THEN c.value ->> '$.data."wiki-directory-nest-level"' END AS wiki_directory_nest_level,
  CAST(c.value ->> '$.data."wiki-container-type"' AS TEXT) AS wiki_container_type
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/wiki_page_context/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/wiki_page_context/jsonschema/*';

CREATE VIEW context_design_management_context AS
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
        GLOB 'iglu:com.gitlab/design_management_context/jsonschema/*'
  ) AS occurrence,
  CASE WHEN json_type(c.value, '$.data."design-version-number"') = 'integer' THEN c.value ->> '$.data."design-version-number"' END AS design_version_number,
  CASE json_type(c.value, '$.data."design-is-current-version"') WHEN 'true' THEN 1 WHEN 'false' THEN 0 END AS design_is_current_version,
  CAST(c.value ->> '$.data."internal-object-referrer"' AS TEXT) AS internal_object_referrer,
  CAST(c.value ->> '$.data."design-collection-owner"' AS TEXT) AS design_collection_owner
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/design_management_context/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/design_management_context/jsonschema/*';

CREATE VIEW context_secure_scan AS
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
        GLOB 'iglu:com.gitlab/secure_scan/jsonschema/*'
  ) AS occurrence,
  CAST(c.value ->> '$.data.analyzer' AS TEXT) AS analyzer,
  CAST(c.value ->> '$.data.analyzer_vendor' AS TEXT) AS analyzer_vendor,
  CAST(c.value ->> '$.data.analyzer_version' AS TEXT) AS analyzer_version,
  CAST(c.value ->> '$.data.end_time' AS TEXT) AS end_time,
  CASE WHEN json_type(c.value, '$.data.project') = 'integer' THEN c.value ->> '$.data.project' END AS project,
  CAST(c.value ->> '$.data.scan_type' AS TEXT) AS scan_type,
  CAST(c.value ->> '$.data.scanner' AS TEXT) AS scanner,
  CAST(c.value ->> '$.data.scanner_vendor' AS TEXT) AS scanner_vendor,
  CAST(c.value ->> '$.data.scanner_version' AS TEXT) AS scanner_version,
  CAST(c.value ->> '$.data.start_time' AS TEXT) AS start_time,
  CAST(c.value ->> '$.data.status' AS TEXT) AS status,
  CASE WHEN json_type(c.value, '$.data.triggered_by') = 'integer' THEN c.value ->> '$.data.triggered_by' END AS triggered_by,
  CAST(c.value ->> '$.data.report_schema_version' AS TEXT) AS report_schema_version,
  CASE WHEN json_type(c.value, '$.data.findings_count') = 'integer' THEN c.value ->> '$.data.findings_count' END AS findings_count,
  CASE WHEN json_type(c.value, '$.data.report_size') = 'integer' THEN c.value ->> '$.data.report_size' END AS report_size
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/secure_scan/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/secure_scan/jsonschema/*';

CREATE VIEW context_subscription_auto_renew AS
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
        GLOB 'iglu:com.gitlab/subscription_auto_renew/jsonschema/*'
  ) AS occurrence,
  CAST(c.value ->> '$.data.id' AS TEXT) AS id,
  NULLIF(c.value -> '$.data.reasons', 'null') AS reasons,
  CAST(c.value ->> '$.data.other' AS TEXT) AS other
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/subscription_auto_renew/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/subscription_auto_renew/jsonschema/*';

CREATE VIEW context_artifact_registry_context AS
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
        GLOB 'iglu:com.gitlab/artifact_registry_context/jsonschema/*'
  ) AS occurrence,
  CAST(c.value ->> '$.data.ar_instance_version' AS TEXT) AS ar_instance_version,
  CAST(c.value ->> '$.data.ar_namespace_id' AS TEXT) AS ar_namespace_id,
  CAST(c.value ->> '$.data.format' AS TEXT) AS format,
  CAST(c.value ->> '$.data.repository_kind' AS TEXT) AS repository_kind,
  CASE WHEN json_type(c.value, '$.data.repository_id') = 'integer' THEN c.value ->> '$.data.repository_id' END AS repository_id,
  CASE json_type(c.value, '$.data.cache_hit') WHEN 'true' THEN 1 WHEN 'false' THEN 0 END AS cache_hit,
  CAST(c.value ->> '$.data.upstream_type' AS TEXT) AS upstream_type
FROM events AS e, json_each(
  -- The first condition is a search in text and spares most events the parsing.
  CASE WHEN instr(e.contexts, 'iglu:com.gitlab/artifact_registry_context/') AND json_valid(e.contexts) THEN e.contexts END, '$.data'
) AS c
WHERE CASE WHEN c.type = 'object' THEN c.value ->> '$.schema' END GLOB 'iglu:com.gitlab/artifact_registry_context/jsonschema/*';
