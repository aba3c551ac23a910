-- Entities of com.gitlab, a view for each, a row for each occurrence. Written by warehouse/contexts.py; change that.
--
-- A view has the fields of all versions of its schema; context_version says which one an event named.
-- An event may carry an entity more than once (gitlab_experiment does): occurrence counts from 1.
-- TRY_CAST of the text, never a cast of the value: where a value did not fit its rule there is a pseudonym, and
-- `value:data:project_id::NUMBER` would end the whole query at the first one. user_id is text for the same reason.

CREATE OR REPLACE VIEW prep.snowplow.context_gitlab_standard AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  TRY_CAST(c.value:data:project_id::STRING AS NUMBER(38, 0)) AS project_id,
  TRY_CAST(c.value:data:namespace_id::STRING AS NUMBER(38, 0)) AS namespace_id,
  c.value:data:environment::STRING AS environment,
  c.value:data:source::STRING AS source,
  c.value:data:extra AS extra,
  c.value:data:plan::STRING AS plan,
  c.value:data:google_analytics_id::STRING AS google_analytics_id,
  c.value:data:user_id::STRING AS user_id,
  c.value:data:context_generated_at::STRING AS context_generated_at,
  TRY_CAST(c.value:data:is_gitlab_team_member::STRING AS BOOLEAN) AS is_gitlab_team_member,
  c.value:data:feature_enabled_by_namespace_ids AS feature_enabled_by_namespace_ids,
  c.value:data:realm::STRING AS realm,
  c.value:data:instance_id::STRING AS instance_id,
  c.value:data:host_name::STRING AS host_name,
  c.value:data:instance_version::STRING AS instance_version,
  c.value:data:global_user_id::STRING AS global_user_id,
  c.value:data:correlation_id::STRING AS correlation_id,
  c.value:data:interface::STRING AS interface,
  c.value:data:client_name::STRING AS client_name,
  c.value:data:client_version::STRING AS client_version,
  c.value:data:client_type::STRING AS client_type,
  c.value:data:feature_category::STRING AS feature_category,
  c.value:data:feature_enablement_type::STRING AS feature_enablement_type,
  TRY_CAST(c.value:data:input_tokens::STRING AS NUMBER(38, 0)) AS input_tokens,
  TRY_CAST(c.value:data:output_tokens::STRING AS NUMBER(38, 0)) AS output_tokens,
  TRY_CAST(c.value:data:total_tokens::STRING AS NUMBER(38, 0)) AS total_tokens,
  c.value:data:model_engine::STRING AS model_engine,
  c.value:data:model_name::STRING AS model_name,
  c.value:data:model_provider::STRING AS model_provider,
  c.value:data:unique_instance_id::STRING AS unique_instance_id,
  TRY_CAST(c.value:data:ultimate_parent_namespace_id::STRING AS NUMBER(38, 0)) AS ultimate_parent_namespace_id,
  c.value:data:user_type::STRING AS user_type,
  c.value:data:deployment_type::STRING AS deployment_type,
  TRY_CAST(c.value:data:organization_id::STRING AS NUMBER(38, 0)) AS organization_id
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/gitlab_standard/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/gitlab_standard/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_gitlab_service_ping AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  c.value:data:data_source::STRING AS data_source,
  c.value:data:event_name::STRING AS event_name,
  c.value:data:key_path::STRING AS key_path
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/gitlab_service_ping/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/gitlab_service_ping/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_gitlab_experiment AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  c.value:data:key::STRING AS key,
  c.value:data:variant::STRING AS variant,
  c.value:data:migrations AS migrations,
  c.value:data:experiment::STRING AS experiment,
  c.value:data:migration_keys AS migration_keys,
  c.value:data:performance AS performance,
  TRY_CAST(c.value:data:excluded::STRING AS BOOLEAN) AS excluded
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/gitlab_experiment/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/gitlab_experiment/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_ai_context AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  c.value:data:session_id::STRING AS session_id,
  c.value:data:workflow_id::STRING AS workflow_id,
  c.value:data:flow_type::STRING AS flow_type,
  c.value:data:agent_name::STRING AS agent_name,
  c.value:data:agent_type::STRING AS agent_type,
  TRY_CAST(c.value:data:input_tokens::STRING AS NUMBER(38, 0)) AS input_tokens,
  TRY_CAST(c.value:data:output_tokens::STRING AS NUMBER(38, 0)) AS output_tokens,
  TRY_CAST(c.value:data:total_tokens::STRING AS NUMBER(38, 0)) AS total_tokens,
  TRY_CAST(c.value:data:ephemeral_5m_input_tokens::STRING AS NUMBER(38, 0)) AS ephemeral_5m_input_tokens,
  TRY_CAST(c.value:data:ephemeral_1h_input_tokens::STRING AS NUMBER(38, 0)) AS ephemeral_1h_input_tokens,
  TRY_CAST(c.value:data:cache_read::STRING AS NUMBER(38, 0)) AS cache_read,
  c.value:data:model_engine::STRING AS model_engine,
  c.value:data:model_name::STRING AS model_name,
  c.value:data:model_provider::STRING AS model_provider,
  c.value:data:flow_version::STRING AS flow_version,
  c.value:data:flow_registry_version::STRING AS flow_registry_version,
  TRY_CAST(c.value:data:cache_creation::STRING AS NUMBER(38, 0)) AS cache_creation
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/ai_context/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/ai_context/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_code_suggestions_context AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  c.value:data:request_counts AS request_counts,
  TRY_CAST(c.value:data:prefix_length::STRING AS NUMBER(38, 0)) AS prefix_length,
  TRY_CAST(c.value:data:suffix_length::STRING AS NUMBER(38, 0)) AS suffix_length,
  c.value:data:language::STRING AS language,
  c.value:data:user_agent::STRING AS user_agent,
  c.value:data:gitlab_realm::STRING AS gitlab_realm,
  c.value:data:model_engine::STRING AS model_engine,
  c.value:data:model_name::STRING AS model_name,
  TRY_CAST(c.value:data:api_status_code::STRING AS NUMBER(38, 0)) AS api_status_code,
  c.value:data:gitlab_host_name::STRING AS gitlab_host_name,
  c.value:data:gitlab_saas_namespace_ids AS gitlab_saas_namespace_ids,
  c.value:data:suggestion_source::STRING AS suggestion_source,
  c.value:data:gitlab_instance_id::STRING AS gitlab_instance_id,
  c.value:data:gitlab_saas_duo_pro_namespace_ids AS gitlab_saas_duo_pro_namespace_ids,
  TRY_CAST(c.value:data:is_streaming::STRING AS BOOLEAN) AS is_streaming,
  c.value:data:gitlab_global_user_id::STRING AS gitlab_global_user_id,
  TRY_CAST(c.value:data:is_invoked::STRING AS BOOLEAN) AS is_invoked,
  TRY_CAST(c.value:data:options_count::STRING AS NUMBER(38, 0)) AS options_count,
  TRY_CAST(c.value:data:accepted_option::STRING AS NUMBER(38, 0)) AS accepted_option,
  TRY_CAST(c.value:data:has_advanced_context::STRING AS BOOLEAN) AS has_advanced_context,
  TRY_CAST(c.value:data:is_direct_connection::STRING AS BOOLEAN) AS is_direct_connection,
  c.value:data:gitlab_instance_version::STRING AS gitlab_instance_version,
  TRY_CAST(c.value:data:total_context_size_bytes::STRING AS NUMBER(38, 0)) AS total_context_size_bytes,
  TRY_CAST(c.value:data:content_above_cursor_size_bytes::STRING AS NUMBER(38, 0)) AS content_above_cursor_size_bytes,
  TRY_CAST(c.value:data:content_below_cursor_size_bytes::STRING AS NUMBER(38, 0)) AS content_below_cursor_size_bytes,
  c.value:data:context_items AS context_items,
  TRY_CAST(c.value:data:input_tokens::STRING AS NUMBER(38, 0)) AS input_tokens,
  TRY_CAST(c.value:data:output_tokens::STRING AS NUMBER(38, 0)) AS output_tokens,
  TRY_CAST(c.value:data:context_tokens_sent::STRING AS NUMBER(38, 0)) AS context_tokens_sent,
  TRY_CAST(c.value:data:context_tokens_used::STRING AS NUMBER(38, 0)) AS context_tokens_used,
  TRY_CAST(c.value:data:debounce_interval::STRING AS NUMBER(38, 0)) AS debounce_interval,
  c.value:data:region::STRING AS region,
  c.value:data:context_items_resolution_strategies_summary AS context_items_resolution_strategies_summary,
  c.value:data:gitlab_feature_enablement_type::STRING AS gitlab_feature_enablement_type,
  c.value:data:intent::STRING AS intent
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/code_suggestions_context/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/code_suggestions_context/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_ide_extension_version AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  c.value:data:ide_name::STRING AS ide_name,
  c.value:data:ide_version::STRING AS ide_version,
  c.value:data:ide_vendor::STRING AS ide_vendor,
  c.value:data:extension_name::STRING AS extension_name,
  c.value:data:extension_version::STRING AS extension_version,
  c.value:data:language_server_version::STRING AS language_server_version
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/ide_extension_version/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/ide_extension_version/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_customer_standard AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  TRY_CAST(c.value:data:customer_id::STRING AS NUMBER(38, 0)) AS customer_id,
  c.value:data:environment::STRING AS environment,
  c.value:data:source::STRING AS source,
  c.value:data:plan::STRING AS plan,
  c.value:data:google_analytics_id::STRING AS google_analytics_id,
  TRY_CAST(c.value:data:namespace_id::STRING AS NUMBER(38, 0)) AS namespace_id,
  c.value:data:subscription::STRING AS subscription,
  c.value:data:billing_account_name::STRING AS billing_account_name,
  c.value:data:subscription_name::STRING AS subscription_name,
  c.value:data:product_rate_plan_product_name::STRING AS product_rate_plan_product_name,
  c.value:data:product_rate_plan_id::STRING AS product_rate_plan_id,
  c.value:data:base_product_name::STRING AS base_product_name,
  c.value:data:base_product_id::STRING AS base_product_id,
  c.value:data:zuora_account_number::STRING AS zuora_account_number,
  c.value:data:flow_category::STRING AS flow_category,
  c.value:data:entry_point::STRING AS entry_point
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/customer_standard/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/customer_standard/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_ci_build_failed AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  TRY_CAST(c.value:data:project::STRING AS NUMBER(38, 0)) AS project,
  TRY_CAST(c.value:data:build_id::STRING AS NUMBER(38, 0)) AS build_id,
  c.value:data:build_name::STRING AS build_name,
  c.value:data:build_artifact_types AS build_artifact_types,
  TRY_CAST(c.value:data:exit_code::STRING AS NUMBER(38, 0)) AS exit_code,
  c.value:data:failure_reason::STRING AS failure_reason
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/ci_build_failed/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/ci_build_failed/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_orbit_common AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  c.value:data:deployment_type::STRING AS deployment_type,
  c.value:data:environment::STRING AS environment,
  c.value:data:correlation_id::STRING AS correlation_id,
  c.value:data:instance_id::STRING AS instance_id,
  c.value:data:unique_instance_id::STRING AS unique_instance_id,
  c.value:data:host_name::STRING AS host_name,
  TRY_CAST(c.value:data:organization_id::STRING AS NUMBER(38, 0)) AS organization_id,
  c.value:data:root_namespace_ids AS root_namespace_ids,
  c.value:data:schema_version::STRING AS schema_version,
  c.value:data:surface::STRING AS surface,
  c.value:data:coding_agent::STRING AS coding_agent
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/orbit_common/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/orbit_common/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_pageview_context AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  c.value:data:page_type::STRING AS page_type,
  TRY_CAST(c.value:data:page_type_id::STRING AS NUMBER(38, 0)) AS page_type_id,
  TRY_CAST(c.value:data:namespace_id::STRING AS NUMBER(38, 0)) AS namespace_id,
  TRY_CAST(c.value:data:project_id::STRING AS NUMBER(38, 0)) AS project_id
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/pageview_context/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/pageview_context/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_wiki_page_context AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  c.value:data:"wiki-format"::STRING AS wiki_format,
  TRY_CAST(c.value:data:"wiki-title-size"::STRING AS NUMBER(38, 0)) AS wiki_title_size,
  TRY_CAST(c.value:data:"wiki-content-size"::STRING AS NUMBER(38, 0)) AS wiki_content_size,
  TRY_CAST(c.value:data:"wiki-directory-nest-level"::STRING AS NUMBER(38, 0)) AS wiki_directory_nest_level,
  c.value:data:"wiki-container-type"::STRING AS wiki_container_type
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/wiki_page_context/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/wiki_page_context/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_design_management_context AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  TRY_CAST(c.value:data:"design-version-number"::STRING AS NUMBER(38, 0)) AS design_version_number,
  TRY_CAST(c.value:data:"design-is-current-version"::STRING AS BOOLEAN) AS design_is_current_version,
  c.value:data:"internal-object-referrer"::STRING AS internal_object_referrer,
  c.value:data:"design-collection-owner"::STRING AS design_collection_owner
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/design_management_context/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/design_management_context/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_secure_scan AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  c.value:data:analyzer::STRING AS analyzer,
  c.value:data:analyzer_vendor::STRING AS analyzer_vendor,
  c.value:data:analyzer_version::STRING AS analyzer_version,
  c.value:data:end_time::STRING AS end_time,
  TRY_CAST(c.value:data:project::STRING AS NUMBER(38, 0)) AS project,
  c.value:data:scan_type::STRING AS scan_type,
  c.value:data:scanner::STRING AS scanner,
  c.value:data:scanner_vendor::STRING AS scanner_vendor,
  c.value:data:scanner_version::STRING AS scanner_version,
  c.value:data:start_time::STRING AS start_time,
  c.value:data:status::STRING AS status,
  TRY_CAST(c.value:data:triggered_by::STRING AS NUMBER(38, 0)) AS triggered_by,
  c.value:data:report_schema_version::STRING AS report_schema_version,
  TRY_CAST(c.value:data:findings_count::STRING AS NUMBER(38, 0)) AS findings_count,
  TRY_CAST(c.value:data:report_size::STRING AS NUMBER(38, 0)) AS report_size
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/secure_scan/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/secure_scan/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_subscription_auto_renew AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  c.value:data:id::STRING AS id,
  c.value:data:reasons AS reasons,
  c.value:data:other::STRING AS other
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/subscription_auto_renew/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/subscription_auto_renew/jsonschema/');

CREATE OR REPLACE VIEW prep.snowplow.context_artifact_registry_context AS
SELECT
  e.event_id,
  e.app_id,
  e.behavior_at,
  e.uploaded_at,
  SPLIT_PART(c.value:schema::STRING, '/', 4) AS context_version,
  ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY c.index) AS occurrence,
  c.value:data:ar_instance_version::STRING AS ar_instance_version,
  c.value:data:ar_namespace_id::STRING AS ar_namespace_id,
  c.value:data:format::STRING AS format,
  c.value:data:repository_kind::STRING AS repository_kind,
  TRY_CAST(c.value:data:repository_id::STRING AS NUMBER(38, 0)) AS repository_id,
  TRY_CAST(c.value:data:cache_hit::STRING AS BOOLEAN) AS cache_hit,
  c.value:data:upstream_type::STRING AS upstream_type
FROM prep.snowplow.events AS e,
LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(e.contexts):data) AS c
-- The first condition is a search in text and spares most events the parsing.
WHERE CONTAINS(e.contexts, 'iglu:com.gitlab/artifact_registry_context/')
  AND STARTSWITH(c.value:schema::STRING, 'iglu:com.gitlab/artifact_registry_context/jsonschema/');
