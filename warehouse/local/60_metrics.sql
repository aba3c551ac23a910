-- Counts of events and of what they carry, for each day over the days before it. Written by warehouse/metrics.py from
-- warehouse/metrics.yaml; change that. What the columns mean stands in warehouse/snowflake/60_metrics.sql.

CREATE VIEW event_metrics AS
WITH events AS MATERIALIZED (
  SELECT behavior_structured_event_pk, behavior_date, event_action, event_category, event_label, event_property, gsc_namespace_id, gsc_pseudonymized_user_id
  FROM mart_behavior_structured_event
  WHERE app_id IN ('gitlab')
    AND event_action IN ('click_navigation', 'feature_used', 'perform_completion_worker', 'suggestion_accepted', 'suggestion_shown', 'visit_issue')
),

days AS MATERIALIZED (
  SELECT DISTINCT behavior_date AS metric_date
  FROM mart_behavior_structured_event
  WHERE app_id IN ('gitlab')
    AND behavior_date IS NOT NULL
)

-- How often the feature of the documentation's example was used.
SELECT
  'counts.count_total_feature_used_7d' AS metrics_path,
  '7d' AS time_frame,
  d.metric_date,
  COUNT(e.behavior_structured_event_pk) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > date(d.metric_date, '-7 days')
  AND e.behavior_date <= d.metric_date
  AND (e.event_action = 'feature_used')
GROUP BY d.metric_date

UNION ALL

-- How often the feature of the documentation's example was used.
SELECT
  'counts.count_total_feature_used_28d' AS metrics_path,
  '28d' AS time_frame,
  d.metric_date,
  COUNT(e.behavior_structured_event_pk) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > date(d.metric_date, '-28 days')
  AND e.behavior_date <= d.metric_date
  AND (e.event_action = 'feature_used')
GROUP BY d.metric_date

UNION ALL

-- How many people used it.
SELECT
  'redis_hll_counters.count_distinct_user_id_from_feature_used_7d' AS metrics_path,
  '7d' AS time_frame,
  d.metric_date,
  COUNT(DISTINCT e.gsc_pseudonymized_user_id) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > date(d.metric_date, '-7 days')
  AND e.behavior_date <= d.metric_date
  AND (e.event_action = 'feature_used')
GROUP BY d.metric_date

UNION ALL

-- How many people used it.
SELECT
  'redis_hll_counters.count_distinct_user_id_from_feature_used_28d' AS metrics_path,
  '28d' AS time_frame,
  d.metric_date,
  COUNT(DISTINCT e.gsc_pseudonymized_user_id) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > date(d.metric_date, '-28 days')
  AND e.behavior_date <= d.metric_date
  AND (e.event_action = 'feature_used')
GROUP BY d.metric_date

UNION ALL

-- Code suggestions that were seen, taken ones included.
SELECT
  'counts.count_total_code_suggestions_shown_or_accepted_7d' AS metrics_path,
  '7d' AS time_frame,
  d.metric_date,
  COUNT(e.behavior_structured_event_pk) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > date(d.metric_date, '-7 days')
  AND e.behavior_date <= d.metric_date
  AND ((e.event_action = 'suggestion_shown' AND e.event_category = 'code_suggestions') OR (e.event_action = 'suggestion_accepted' AND e.event_category = 'code_suggestions'))
GROUP BY d.metric_date

UNION ALL

-- Code suggestions that were seen, taken ones included.
SELECT
  'counts.count_total_code_suggestions_shown_or_accepted_28d' AS metrics_path,
  '28d' AS time_frame,
  d.metric_date,
  COUNT(e.behavior_structured_event_pk) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > date(d.metric_date, '-28 days')
  AND e.behavior_date <= d.metric_date
  AND ((e.event_action = 'suggestion_shown' AND e.event_category = 'code_suggestions') OR (e.event_action = 'suggestion_accepted' AND e.event_category = 'code_suggestions'))
GROUP BY d.metric_date

UNION ALL

-- Namespaces whose people asked Duo something.
SELECT
  'redis_hll_counters.count_distinct_namespace_id_from_perform_completion_worker_7d' AS metrics_path,
  '7d' AS time_frame,
  d.metric_date,
  COUNT(DISTINCT e.gsc_namespace_id) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > date(d.metric_date, '-7 days')
  AND e.behavior_date <= d.metric_date
  AND (e.event_action = 'perform_completion_worker')
GROUP BY d.metric_date

UNION ALL

-- Namespaces whose people asked Duo something.
SELECT
  'redis_hll_counters.count_distinct_namespace_id_from_perform_completion_worker_28d' AS metrics_path,
  '28d' AS time_frame,
  d.metric_date,
  COUNT(DISTINCT e.gsc_namespace_id) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > date(d.metric_date, '-28 days')
  AND e.behavior_date <= d.metric_date
  AND (e.event_action = 'perform_completion_worker')
GROUP BY d.metric_date

UNION ALL

-- Issues that were opened from a search.
SELECT
  'counts.count_total_visit_issue_from_search_7d' AS metrics_path,
  '7d' AS time_frame,
  d.metric_date,
  COUNT(e.behavior_structured_event_pk) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > date(d.metric_date, '-7 days')
  AND e.behavior_date <= d.metric_date
  AND (e.event_action = 'visit_issue' AND e.event_property = 'search')
GROUP BY d.metric_date

UNION ALL

-- Issues that were opened from a search.
SELECT
  'counts.count_total_visit_issue_from_search_28d' AS metrics_path,
  '28d' AS time_frame,
  d.metric_date,
  COUNT(e.behavior_structured_event_pk) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > date(d.metric_date, '-28 days')
  AND e.behavior_date <= d.metric_date
  AND (e.event_action = 'visit_issue' AND e.event_property = 'search')
GROUP BY d.metric_date

UNION ALL

-- How many different places of the navigation were clicked.
SELECT
  'redis_hll_counters.count_distinct_label_from_click_navigation_7d' AS metrics_path,
  '7d' AS time_frame,
  d.metric_date,
  COUNT(DISTINCT e.event_label) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > date(d.metric_date, '-7 days')
  AND e.behavior_date <= d.metric_date
  AND (e.event_action = 'click_navigation')
GROUP BY d.metric_date

UNION ALL

-- How many different places of the navigation were clicked.
SELECT
  'redis_hll_counters.count_distinct_label_from_click_navigation_28d' AS metrics_path,
  '28d' AS time_frame,
  d.metric_date,
  COUNT(DISTINCT e.event_label) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > date(d.metric_date, '-28 days')
  AND e.behavior_date <= d.metric_date
  AND (e.event_action = 'click_navigation')
GROUP BY d.metric_date;
