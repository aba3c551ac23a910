// Events to try the pipeline with, as trackers send them.

const SNOWPLOW = 'iglu:com.snowplowanalytics.snowplow';

const describing = (schema, data) => JSON.stringify({ schema: `${SNOWPLOW}/${schema}`, data });
const contexts = (...entities) => describing('contexts/jsonschema/1-0-0', entities);
const unstruct = (schema, data) => describing('unstruct_event/jsonschema/1-0-0', { schema, data });

/** A UUID also where the browser gives none because the page is not on this machine. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function common({ app, user }) {
  const now = String(Date.now());
  return { aid: app, p: 'web', tv: 'whiteout-page', tna: 'page', eid: uuid(), dtm: now, stm: now, ...(user ? { uid: user } : {}) };
}

const page = ({ title, url }) => ({ url, page: title });

/** What can be sent: a label, what is to be expected of it, and the parameters of one event. */
export const KINDS = {
  page_view: { label: 'Page view', expect: 'good', event: (form) => ({ ...common(form), e: 'pv', ...page(form), refr: 'https://duckduckgo.com/?q=ci' }) },
  page_ping: { label: 'Page ping', expect: 'good', event: (form) => ({ ...common(form), e: 'pp', ...page(form), pp_mix: '0', pp_max: '0', pp_miy: '0', pp_may: '480' }) },
  struct: { label: 'Structured event', expect: 'good', event: (form) => ({ ...common(form), e: 'se', ...page(form), se_ca: 'checkout', se_ac: 'add', se_la: 'sku-4711', se_va: '2' }) },
  link_click: { label: 'Link click (describes itself)', expect: 'good', event: (form) => ({ ...common(form), e: 'ue', ...page(form), ue_pr: unstruct(`${SNOWPLOW}/link_click/jsonschema/1-0-1`, { targetUrl: 'https://docs.gitlab.com/ee/ci/', elementId: 'nav-help' }) }) },
  gitlab: {
    label: 'Structured event with gitlab_standard', expect: 'good',
    event: (form) => ({
      ...common(form), p: 'srv', e: 'se', se_ca: 'InternalEventTracking', se_ac: 'feature_used', se_la: 'merge_request',
      co: contexts({ schema: 'iglu:com.gitlab/gitlab_standard/jsonschema/1-1-7', data: { environment: 'production', source: 'gitlab-rails', user_id: form.user || 'joe', project_id: 278964, namespace_id: 9970, plan: 'ultimate', realm: 'saas', host_name: 'web-01.example.com' } }),
    }),
  },
  violation: { label: 'Event against its schema', expect: 'bad', event: (form) => ({ ...common(form), e: 'ue', ...page(form), ue_pr: unstruct(`${SNOWPLOW}/link_click/jsonschema/1-0-1`, { elementId: 42 }) }) },
  bad_body: { label: 'Request with a broken body', expect: 'bad', body: () => '{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"pv"' },
  scanner: { label: 'Request of a scanner', expect: 'bad', path: '/wp-admin/setup.php' },
};

/** A body with several events. */
export const payload = (events) => JSON.stringify({ schema: `${SNOWPLOW}/payload_data/jsonschema/1-0-4`, data: events });
