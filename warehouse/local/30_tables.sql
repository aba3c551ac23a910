-- What objects are loaded into: events in 131 columns, everything else as JSON. The loader is cli/src/warehouse.

-- The columns and their order are those of the row. A column that is a number, or 0 or 1, holds numbers; a value that is
-- none, such as a pseudonym, stays the text that it is. Timestamps are text in UTC that sorts; JSON is text.
-- An empty column is NULL.
CREATE TABLE IF NOT EXISTS gitlab_events (
  app_id                   TEXT,
  platform                 TEXT,
  etl_tstamp               TEXT,
  collector_tstamp         TEXT,
  dvce_created_tstamp      TEXT,
  event                    TEXT,
  event_id                 TEXT,
  txn_id                   INTEGER,
  name_tracker             TEXT,
  v_tracker                TEXT,
  v_collector              TEXT,
  v_etl                    TEXT,
  user_id                  TEXT,
  user_ipaddress           TEXT,
  user_fingerprint         TEXT,
  domain_userid            TEXT,
  domain_sessionidx        INTEGER,
  network_userid           TEXT,
  geo_country              TEXT,
  geo_region               TEXT,
  geo_city                 TEXT,
  geo_zipcode              TEXT,
  geo_latitude             REAL,
  geo_longitude            REAL,
  geo_region_name          TEXT,
  ip_isp                   TEXT,
  ip_organization          TEXT,
  ip_domain                TEXT,
  ip_netspeed              TEXT,
  page_url                 TEXT,
  page_title               TEXT,
  page_referrer            TEXT,
  page_urlscheme           TEXT,
  page_urlhost             TEXT,
  page_urlport             INTEGER,
  page_urlpath             TEXT,
  page_urlquery            TEXT,
  page_urlfragment         TEXT,
  refr_urlscheme           TEXT,
  refr_urlhost             TEXT,
  refr_urlport             INTEGER,
  refr_urlpath             TEXT,
  refr_urlquery            TEXT,
  refr_urlfragment         TEXT,
  refr_medium              TEXT,
  refr_source              TEXT,
  refr_term                TEXT,
  mkt_medium               TEXT,
  mkt_source               TEXT,
  mkt_term                 TEXT,
  mkt_content              TEXT,
  mkt_campaign             TEXT,
  contexts                 TEXT,
  se_category              TEXT,
  se_action                TEXT,
  se_label                 TEXT,
  se_property              TEXT,
  se_value                 NUMERIC,
  unstruct_event           TEXT,
  tr_orderid               TEXT,
  tr_affiliation           TEXT,
  tr_total                 NUMERIC,
  tr_tax                   NUMERIC,
  tr_shipping              NUMERIC,
  tr_city                  TEXT,
  tr_state                 TEXT,
  tr_country               TEXT,
  ti_orderid               TEXT,
  ti_sku                   TEXT,
  ti_name                  TEXT,
  ti_category              TEXT,
  ti_price                 NUMERIC,
  ti_quantity              INTEGER,
  pp_xoffset_min           INTEGER,
  pp_xoffset_max           INTEGER,
  pp_yoffset_min           INTEGER,
  pp_yoffset_max           INTEGER,
  useragent                TEXT,
  br_name                  TEXT,
  br_family                TEXT,
  br_version               TEXT,
  br_type                  TEXT,
  br_renderengine          TEXT,
  br_lang                  TEXT,
  br_features_pdf          INTEGER,
  br_features_flash        INTEGER,
  br_features_java         INTEGER,
  br_features_director     INTEGER,
  br_features_quicktime    INTEGER,
  br_features_realplayer   INTEGER,
  br_features_windowsmedia INTEGER,
  br_features_gears        INTEGER,
  br_features_silverlight  INTEGER,
  br_cookies               INTEGER,
  br_colordepth            TEXT,
  br_viewwidth             INTEGER,
  br_viewheight            INTEGER,
  os_name                  TEXT,
  os_family                TEXT,
  os_manufacturer          TEXT,
  os_timezone              TEXT,
  dvce_type                TEXT,
  dvce_ismobile            INTEGER,
  dvce_screenwidth         INTEGER,
  dvce_screenheight        INTEGER,
  doc_charset              TEXT,
  doc_width                INTEGER,
  doc_height               INTEGER,
  tr_currency              TEXT,
  tr_total_base            NUMERIC,
  tr_tax_base              NUMERIC,
  tr_shipping_base         NUMERIC,
  ti_currency              TEXT,
  ti_price_base            NUMERIC,
  base_currency            TEXT,
  geo_timezone             TEXT,
  mkt_clickid              TEXT,
  mkt_network              TEXT,
  etl_tags                 TEXT,
  dvce_sent_tstamp         TEXT,
  refr_domain_userid       TEXT,
  refr_dvce_tstamp         TEXT,
  derived_contexts         TEXT,
  domain_sessionid         TEXT,
  derived_tstamp           TEXT,
  event_vendor             TEXT,
  event_name               TEXT,
  event_format             TEXT,
  event_version            TEXT,
  event_fingerprint        TEXT,
  true_tstamp              TEXT,
  uploaded_at              TEXT NOT NULL,
  object_key               TEXT NOT NULL,
  object_line              INTEGER NOT NULL
);

-- For the views that show an event once, and whoever looks for one.
CREATE INDEX IF NOT EXISTS gitlab_events_by_event_id ON gitlab_events (event_id);

-- Bad events of the enricher, and its quarantine lines.
CREATE TABLE IF NOT EXISTS gitlab_bad_events (
  jsontext    TEXT NOT NULL,
  uploaded_at TEXT NOT NULL,
  object_key  TEXT NOT NULL,
  object_line INTEGER NOT NULL
);

-- One line for each bad event: what class of defect it has, without any of its values.
CREATE TABLE IF NOT EXISTS gitlab_bad_event_classes (
  jsontext    TEXT NOT NULL,
  uploaded_at TEXT NOT NULL,
  object_key  TEXT NOT NULL,
  object_line INTEGER NOT NULL
);

-- Service Ping: pings, how long their metrics took, why one was not sent. The views usage_data, metadata and errors
-- are the three tables that Snowflake has.
CREATE TABLE IF NOT EXISTS service_ping (
  jsontext    TEXT NOT NULL,
  uploaded_at TEXT NOT NULL,
  object_key  TEXT NOT NULL,
  object_line INTEGER NOT NULL
);

-- What was loaded, an object once: its rows are those from first_rowid to last_rowid of table_name.
-- status is that of Snowflake's COPY_HISTORY: 'Loaded', or 'Load failed' with the reason that came first.
CREATE TABLE IF NOT EXISTS _load_history (
  object_key          TEXT PRIMARY KEY,
  table_name          TEXT NOT NULL,
  status              TEXT NOT NULL,
  row_count           INTEGER NOT NULL,
  error_count         INTEGER NOT NULL,
  first_error_message TEXT,
  first_rowid         INTEGER,
  last_rowid          INTEGER,
  last_load_time      TEXT NOT NULL
) WITHOUT ROWID;

-- Which lines could not be loaded, and why, without their values. Line 0 is the object itself.
CREATE TABLE IF NOT EXISTS _load_errors (
  object_key  TEXT NOT NULL,
  object_line INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  uploaded_at TEXT NOT NULL,
  PRIMARY KEY (object_key, object_line)
) WITHOUT ROWID;
