-- Where the delivered objects are: databases, schemas, the permission to read the bucket, one stage for each prefix.
--
-- Replace OBJECT_BUCKET with the stack's output ObjectBucket and READER_ROLE_ARN with a role that may read it
-- (s3:GetObject and s3:GetObjectVersion on the prefixes below, s3:ListBucket and s3:GetBucketLocation on the bucket).
-- Neither the role nor a stage may reach errors/: what lies there is event data in clear.

CREATE DATABASE IF NOT EXISTS raw;
CREATE DATABASE IF NOT EXISTS prep;
CREATE DATABASE IF NOT EXISTS prod;

CREATE SCHEMA IF NOT EXISTS raw.snowplow;
CREATE SCHEMA IF NOT EXISTS raw.service_ping;
CREATE SCHEMA IF NOT EXISTS prep.snowplow;
CREATE SCHEMA IF NOT EXISTS prep.service_ping;
CREATE SCHEMA IF NOT EXISTS prod.common;
CREATE SCHEMA IF NOT EXISTS prod.common_mart;

-- DESC INTEGRATION whiteout_objects then names the user and the external id for the role's trust policy.
-- Do not replace an integration that is in use: the external id changes and every stage loses its access.
CREATE STORAGE INTEGRATION IF NOT EXISTS whiteout_objects
  TYPE = EXTERNAL_STAGE
  STORAGE_PROVIDER = 'S3'
  ENABLED = TRUE
  STORAGE_AWS_ROLE_ARN = 'READER_ROLE_ARN'
  STORAGE_ALLOWED_LOCATIONS = (
    's3://OBJECT_BUCKET/output/',
    's3://OBJECT_BUCKET/enriched_bad_event/',
    's3://OBJECT_BUCKET/bad_event/',
    's3://OBJECT_BUCKET/bad_event_class/',
    's3://OBJECT_BUCKET/service_ping/'
  );

-- The slash at the end of an address matters: without it 'output' is also the beginning of 'output_old/', and
-- 'bad_event' the beginning of 'bad_event_class/'.
CREATE STAGE IF NOT EXISTS raw.snowplow.gitlab_events
  URL = 's3://OBJECT_BUCKET/output/'
  STORAGE_INTEGRATION = whiteout_objects;

CREATE STAGE IF NOT EXISTS raw.snowplow.gitlab_bad_events
  URL = 's3://OBJECT_BUCKET/enriched_bad_event/'
  STORAGE_INTEGRATION = whiteout_objects;

CREATE STAGE IF NOT EXISTS raw.snowplow.gitlab_raw_bad_events
  URL = 's3://OBJECT_BUCKET/bad_event/'
  STORAGE_INTEGRATION = whiteout_objects;

CREATE STAGE IF NOT EXISTS raw.snowplow.gitlab_bad_event_classes
  URL = 's3://OBJECT_BUCKET/bad_event_class/'
  STORAGE_INTEGRATION = whiteout_objects;

CREATE STAGE IF NOT EXISTS raw.service_ping.usage_data
  URL = 's3://OBJECT_BUCKET/service_ping/usage_data/'
  STORAGE_INTEGRATION = whiteout_objects;

CREATE STAGE IF NOT EXISTS raw.service_ping.metadata
  URL = 's3://OBJECT_BUCKET/service_ping/metadata/'
  STORAGE_INTEGRATION = whiteout_objects;

CREATE STAGE IF NOT EXISTS raw.service_ping.errors
  URL = 's3://OBJECT_BUCKET/service_ping/errors/'
  STORAGE_INTEGRATION = whiteout_objects;
