-- Counts of events and of what they carry, for each day over the days before it. Written by warehouse/metrics.py from
-- warehouse/metrics.yaml; change that.
--
-- A window ends with its metric_date and has that day in it. The days are those that have any event, so that a metric
-- without events shows 0 and not nothing. Late events count on the day on which they happened: the figures of the last
-- days still grow.
-- Different people are different pseudonyms. After a change of the key everybody is somebody else, so a window that
-- spans the change counts people twice; prep.snowplow.treatments says when it was.

CREATE OR REPLACE VIEW prod.common.event_metrics AS
WITH events AS (
  SELECT *
  FROM prod.common_mart.mart_behavior_structured_event
  WHERE app_id IN ('gitlab')
),

days AS (
  SELECT DISTINCT behavior_date AS metric_date
  FROM events
  WHERE behavior_date IS NOT NULL
)

-- How often the feature of the documentation's example was used.
SELECT
  'counts.count_total_feature_used_7d' AS metrics_path,
  '7d' AS time_frame,
  d.metric_date,
  COUNT(e.behavior_structured_event_pk) AS metric_value
FROM days AS d
LEFT JOIN events AS e
  ON e.behavior_date > DATEADD(DAY, -7, d.metric_date)
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
  ON e.behavior_date > DATEADD(DAY, -28, d.metric_date)
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
  ON e.behavior_date > DATEADD(DAY, -7, d.metric_date)
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
  ON e.behavior_date > DATEADD(DAY, -28, d.metric_date)
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
  ON e.behavior_date > DATEADD(DAY, -7, d.metric_date)
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
  ON e.behavior_date > DATEADD(DAY, -28, d.metric_date)
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
  ON e.behavior_date > DATEADD(DAY, -7, d.metric_date)
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
  ON e.behavior_date > DATEADD(DAY, -28, d.metric_date)
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
  ON e.behavior_date > DATEADD(DAY, -7, d.metric_date)
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
  ON e.behavior_date > DATEADD(DAY, -28, d.metric_date)
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
  ON e.behavior_date > DATEADD(DAY, -7, d.metric_date)
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
  ON e.behavior_date > DATEADD(DAY, -28, d.metric_date)
  AND e.behavior_date <= d.metric_date
  AND (e.event_action = 'click_navigation')
GROUP BY d.metric_date;
