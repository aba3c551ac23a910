-- What the pipes write to: events as text in 131 columns, everything else as JSON.

-- Every column is VARCHAR, as its text stands in the row: a value that does not fit a type would keep the whole object
-- from being loaded, and a policy may make a pseudonym of any value. Types are the views' business.
-- The order is that of the row and may not change: loaders and models count columns.
CREATE TABLE IF NOT EXISTS raw.snowplow.gitlab_events (
  app_id                   VARCHAR,
  platform                 VARCHAR,
  etl_tstamp               VARCHAR,
  collector_tstamp         VARCHAR,
  dvce_created_tstamp      VARCHAR,
  event                    VARCHAR,
  event_id                 VARCHAR,
  txn_id                   VARCHAR,
  name_tracker             VARCHAR,
  v_tracker                VARCHAR,
  v_collector              VARCHAR,
  v_etl                    VARCHAR,
  user_id                  VARCHAR,
  user_ipaddress           VARCHAR,
  user_fingerprint         VARCHAR,
  domain_userid            VARCHAR,
  domain_sessionidx        VARCHAR,
  network_userid           VARCHAR,
  geo_country              VARCHAR,
  geo_region               VARCHAR,
  geo_city                 VARCHAR,
  geo_zipcode              VARCHAR,
  geo_latitude             VARCHAR,
  geo_longitude            VARCHAR,
  geo_region_name          VARCHAR,
  ip_isp                   VARCHAR,
  ip_organization          VARCHAR,
  ip_domain                VARCHAR,
  ip_netspeed              VARCHAR,
  page_url                 VARCHAR,
  page_title               VARCHAR,
  page_referrer            VARCHAR,
  page_urlscheme           VARCHAR,
  page_urlhost             VARCHAR,
  page_urlport             VARCHAR,
  page_urlpath             VARCHAR,
  page_urlquery            VARCHAR,
  page_urlfragment         VARCHAR,
  refr_urlscheme           VARCHAR,
  refr_urlhost             VARCHAR,
  refr_urlport             VARCHAR,
  refr_urlpath             VARCHAR,
  refr_urlquery            VARCHAR,
  refr_urlfragment         VARCHAR,
  refr_medium              VARCHAR,
  refr_source              VARCHAR,
  refr_term                VARCHAR,
  mkt_medium               VARCHAR,
  mkt_source               VARCHAR,
  mkt_term                 VARCHAR,
  mkt_content              VARCHAR,
  mkt_campaign             VARCHAR,
  contexts                 VARCHAR,
  se_category              VARCHAR,
  se_action                VARCHAR,
  se_label                 VARCHAR,
  se_property              VARCHAR,
  se_value                 VARCHAR,
  unstruct_event           VARCHAR,
  tr_orderid               VARCHAR,
  tr_affiliation           VARCHAR,
  tr_total                 VARCHAR,
  tr_tax                   VARCHAR,
  tr_shipping              VARCHAR,
  tr_city                  VARCHAR,
  tr_state                 VARCHAR,
  tr_country               VARCHAR,
  ti_orderid               VARCHAR,
  ti_sku                   VARCHAR,
  ti_name                  VARCHAR,
  ti_category              VARCHAR,
  ti_price                 VARCHAR,
  ti_quantity              VARCHAR,
  pp_xoffset_min           VARCHAR,
  pp_xoffset_max           VARCHAR,
  pp_yoffset_min           VARCHAR,
  pp_yoffset_max           VARCHAR,
  useragent                VARCHAR,
  br_name                  VARCHAR,
  br_family                VARCHAR,
  br_version               VARCHAR,
  br_type                  VARCHAR,
  br_renderengine          VARCHAR,
  br_lang                  VARCHAR,
  br_features_pdf          VARCHAR,
  br_features_flash        VARCHAR,
  br_features_java         VARCHAR,
  br_features_director     VARCHAR,
  br_features_quicktime    VARCHAR,
  br_features_realplayer   VARCHAR,
  br_features_windowsmedia VARCHAR,
  br_features_gears        VARCHAR,
  br_features_silverlight  VARCHAR,
  br_cookies               VARCHAR,
  br_colordepth            VARCHAR,
  br_viewwidth             VARCHAR,
  br_viewheight            VARCHAR,
  os_name                  VARCHAR,
  os_family                VARCHAR,
  os_manufacturer          VARCHAR,
  os_timezone              VARCHAR,
  dvce_type                VARCHAR,
  dvce_ismobile            VARCHAR,
  dvce_screenwidth         VARCHAR,
  dvce_screenheight        VARCHAR,
  doc_charset              VARCHAR,
  doc_width                VARCHAR,
  doc_height               VARCHAR,
  tr_currency              VARCHAR,
  tr_total_base            VARCHAR,
  tr_tax_base              VARCHAR,
  tr_shipping_base         VARCHAR,
  ti_currency              VARCHAR,
  ti_price_base            VARCHAR,
  base_currency            VARCHAR,
  geo_timezone             VARCHAR,
  mkt_clickid              VARCHAR,
  mkt_network              VARCHAR,
  etl_tags                 VARCHAR,
  dvce_sent_tstamp         VARCHAR,
  refr_domain_userid       VARCHAR,
  refr_dvce_tstamp         VARCHAR,
  derived_contexts         VARCHAR,
  domain_sessionid         VARCHAR,
  derived_tstamp           VARCHAR,
  event_vendor             VARCHAR,
  event_name               VARCHAR,
  event_format             VARCHAR,
  event_version            VARCHAR,
  event_fingerprint        VARCHAR,
  true_tstamp              VARCHAR,
  uploaded_at              TIMESTAMP_NTZ(9) DEFAULT SYSDATE()
);

-- Bad events of the enricher and of the collector, and quarantine lines of both.
CREATE TABLE IF NOT EXISTS raw.snowplow.gitlab_bad_events (
  jsontext    VARIANT,
  uploaded_at TIMESTAMP_NTZ(9) DEFAULT SYSDATE()
);

-- One line for each bad event: what class of defect it has, without any of its values.
CREATE TABLE IF NOT EXISTS raw.snowplow.gitlab_bad_event_classes (
  jsontext    VARIANT,
  uploaded_at TIMESTAMP_NTZ(9) DEFAULT SYSDATE()
);

-- Service Ping: a line for each ping, with the number that the client was told and what may be seen of the ping.
CREATE TABLE IF NOT EXISTS raw.service_ping.usage_data (
  jsontext    VARIANT,
  uploaded_at TIMESTAMP_NTZ(9) DEFAULT SYSDATE()
);

-- How long each metric of a ping took.
CREATE TABLE IF NOT EXISTS raw.service_ping.metadata (
  jsontext    VARIANT,
  uploaded_at TIMESTAMP_NTZ(9) DEFAULT SYSDATE()
);

-- Why a ping was not sent.
CREATE TABLE IF NOT EXISTS raw.service_ping.errors (
  jsontext    VARIANT,
  uploaded_at TIMESTAMP_NTZ(9) DEFAULT SYSDATE()
);
