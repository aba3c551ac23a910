-- What loads an object as soon as it is there. AUTO_INGEST: the bucket's notifications start a pipe.
--
-- SHOW PIPES says in notification_channel where the bucket's notifications have to go (one queue for all pipes of a
-- bucket). With a topic in between, add AWS_SNS_TOPIC = 'ARN' to each pipe, before AS.
--
-- A pipe is made once. Its memory of loaded objects (14 days, by path) goes with it when it is replaced, and
-- ALTER PIPE ... REFRESH then loads the objects of the last 7 days a second time. Hence IF NOT EXISTS; to change one:
-- set PIPE_EXECUTION_PAUSED = TRUE, wait until SYSTEM$PIPE_STATUS shows pendingFileCount 0, replace it, and refresh
-- only if objects arrived in between. The views keep one copy of what was loaded twice.
--
-- ON_ERROR = SKIP_FILE: an object is loaded whole or not at all, and COPY_HISTORY names the ones that were not.
-- CONTINUE would lose single lines without anybody noticing.

-- Each number has its own $. A bare 100 is no column but the number 100, valid in a SELECT, and the table then holds
-- the same constant in every row of that column, without an error.
--
-- uploaded_at is the moment at which the object was read. CURRENT_TIMESTAMP would be that at which the statement was
-- compiled, which for a pipe may be hours before; whoever takes "everything uploaded since the last run" would then
-- skip rows. CONVERT_TIMEZONE, because a cast alone keeps the account's local time.
--
-- Not every line is a row. What the pseudonymizer could not read it replaces by a quarantine line: one column of JSON.
-- A pipe's COPY has no WHERE, and ERROR_ON_COLUMN_COUNT_MISMATCH counts for nothing when there is a SELECT, so such a
-- line arrives here as a row with the JSON in app_id and NULL in all other columns. $131 cannot tell it either, because
-- true_tstamp is NULL in most good rows as well; event_id can, because every event has one. prep.snowplow.events leaves
-- such rows out, prep.snowplow.quarantine shows them. Whoever reads gitlab_events itself needs the same condition.
CREATE PIPE IF NOT EXISTS raw.snowplow.gitlab_good_event_pipe
  AUTO_INGEST = TRUE
AS
COPY INTO raw.snowplow.gitlab_events (
  app_id, platform, etl_tstamp, collector_tstamp, dvce_created_tstamp, event, event_id, txn_id, name_tracker,
  v_tracker, v_collector, v_etl, user_id, user_ipaddress, user_fingerprint, domain_userid, domain_sessionidx,
  network_userid, geo_country, geo_region, geo_city, geo_zipcode, geo_latitude, geo_longitude, geo_region_name,
  ip_isp, ip_organization, ip_domain, ip_netspeed, page_url, page_title, page_referrer, page_urlscheme,
  page_urlhost, page_urlport, page_urlpath, page_urlquery, page_urlfragment, refr_urlscheme, refr_urlhost,
  refr_urlport, refr_urlpath, refr_urlquery, refr_urlfragment, refr_medium, refr_source, refr_term, mkt_medium,
  mkt_source, mkt_term, mkt_content, mkt_campaign, contexts, se_category, se_action, se_label, se_property,
  se_value, unstruct_event, tr_orderid, tr_affiliation, tr_total, tr_tax, tr_shipping, tr_city, tr_state,
  tr_country, ti_orderid, ti_sku, ti_name, ti_category, ti_price, ti_quantity, pp_xoffset_min, pp_xoffset_max,
  pp_yoffset_min, pp_yoffset_max, useragent, br_name, br_family, br_version, br_type, br_renderengine, br_lang,
  br_features_pdf, br_features_flash, br_features_java, br_features_director, br_features_quicktime,
  br_features_realplayer, br_features_windowsmedia, br_features_gears, br_features_silverlight, br_cookies,
  br_colordepth, br_viewwidth, br_viewheight, os_name, os_family, os_manufacturer, os_timezone, dvce_type,
  dvce_ismobile, dvce_screenwidth, dvce_screenheight, doc_charset, doc_width, doc_height, tr_currency,
  tr_total_base, tr_tax_base, tr_shipping_base, ti_currency, ti_price_base, base_currency, geo_timezone,
  mkt_clickid, mkt_network, etl_tags, dvce_sent_tstamp, refr_domain_userid, refr_dvce_tstamp, derived_contexts,
  domain_sessionid, derived_tstamp, event_vendor, event_name, event_format, event_version, event_fingerprint,
  true_tstamp, uploaded_at
)
FROM (
  SELECT
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
    $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46,
    $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65, $66, $67, $68,
    $69, $70, $71, $72, $73, $74, $75, $76, $77, $78, $79, $80, $81, $82, $83, $84, $85, $86, $87, $88, $89, $90,
    $91, $92, $93, $94, $95, $96, $97, $98, $99, $100, $101, $102, $103, $104, $105, $106, $107, $108, $109, $110,
    $111, $112, $113, $114, $115, $116, $117, $118, $119, $120, $121, $122, $123, $124, $125, $126, $127, $128,
    $129, $130, $131,
    CAST(CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME) AS TIMESTAMP_NTZ(9))
  FROM @raw.snowplow.gitlab_events
)
FILE_FORMAT = (FORMAT_NAME = 'raw.snowplow.snowplow_tsv')
ON_ERROR = 'SKIP_FILE';

-- Bad events of the enricher.
CREATE PIPE IF NOT EXISTS raw.snowplow.gitlab_bad_event_pipe
  AUTO_INGEST = TRUE
AS
COPY INTO raw.snowplow.gitlab_bad_events (jsontext, uploaded_at)
FROM (
  SELECT $1, CAST(CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME) AS TIMESTAMP_NTZ(9))
  FROM @raw.snowplow.gitlab_bad_events
)
FILE_FORMAT = (FORMAT_NAME = 'raw.snowplow.json_lines')
ON_ERROR = 'SKIP_FILE';

-- Bad events of the collector. Leave this pipe out to have only what the enricher refused.
CREATE PIPE IF NOT EXISTS raw.snowplow.gitlab_raw_bad_event_pipe
  AUTO_INGEST = TRUE
AS
COPY INTO raw.snowplow.gitlab_bad_events (jsontext, uploaded_at)
FROM (
  SELECT $1, CAST(CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME) AS TIMESTAMP_NTZ(9))
  FROM @raw.snowplow.gitlab_raw_bad_events
)
FILE_FORMAT = (FORMAT_NAME = 'raw.snowplow.json_lines')
ON_ERROR = 'SKIP_FILE';

-- Classes of bad events.
CREATE PIPE IF NOT EXISTS raw.snowplow.gitlab_bad_event_class_pipe
  AUTO_INGEST = TRUE
AS
COPY INTO raw.snowplow.gitlab_bad_event_classes (jsontext, uploaded_at)
FROM (
  SELECT $1, CAST(CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME) AS TIMESTAMP_NTZ(9))
  FROM @raw.snowplow.gitlab_bad_event_classes
)
FILE_FORMAT = (FORMAT_NAME = 'raw.snowplow.json_lines')
ON_ERROR = 'SKIP_FILE';

-- Service Ping.
CREATE PIPE IF NOT EXISTS raw.service_ping.usage_data_pipe
  AUTO_INGEST = TRUE
AS
COPY INTO raw.service_ping.usage_data (jsontext, uploaded_at)
FROM (
  SELECT $1, CAST(CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME) AS TIMESTAMP_NTZ(9))
  FROM @raw.service_ping.usage_data
)
FILE_FORMAT = (FORMAT_NAME = 'raw.snowplow.json_lines')
ON_ERROR = 'SKIP_FILE';

-- Its metadata.
CREATE PIPE IF NOT EXISTS raw.service_ping.metadata_pipe
  AUTO_INGEST = TRUE
AS
COPY INTO raw.service_ping.metadata (jsontext, uploaded_at)
FROM (
  SELECT $1, CAST(CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME) AS TIMESTAMP_NTZ(9))
  FROM @raw.service_ping.metadata
)
FILE_FORMAT = (FORMAT_NAME = 'raw.snowplow.json_lines')
ON_ERROR = 'SKIP_FILE';

-- Its errors.
CREATE PIPE IF NOT EXISTS raw.service_ping.errors_pipe
  AUTO_INGEST = TRUE
AS
COPY INTO raw.service_ping.errors (jsontext, uploaded_at)
FROM (
  SELECT $1, CAST(CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME) AS TIMESTAMP_NTZ(9))
  FROM @raw.service_ping.errors
)
FILE_FORMAT = (FORMAT_NAME = 'raw.snowplow.json_lines')
ON_ERROR = 'SKIP_FILE';
