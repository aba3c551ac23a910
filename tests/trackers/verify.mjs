// Compares what a tracker sent with what the raw stream stored; every function returns a list of problems.

import { isDeepStrictEqual } from 'node:util';

export const ANONYMOUS_ID = '00000000-0000-0000-0000-000000000000';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SCHEMA = 'iglu:com.snowplowanalytics.snowplow';
const TP2 = '/com.snowplowanalytics.snowplow/tp2';

/** The events inside one stored payload, as the flat key-value objects of the tracker protocol. */
export function eventsOf(payload) {
  if (payload.path !== TP2) return [Object.fromEntries(new URLSearchParams(payload.querystring))];
  const { schema, data } = JSON.parse(payload.body);
  if (!schema.startsWith(`${SCHEMA}/payload_data/jsonschema/1-0-`)) throw new Error(`the body's schema is ${schema}`);
  return data;
}

/** All checks for one batch: `step` is what was asked, `sent` what the sender reported, `payloads` what was stored. */
export function verifyBatch(step, sent, payloads) {
  const problems = [...verifyRequests(sent.requests, payloads)];
  for (const payload of payloads) problems.push(...verifyFields(step, sent, payload));
  const stored = payloads.flatMap(eventsOf);
  problems.push(...verifyAcknowledged(sent.acknowledged, stored), ...verifyIntended(step, stored));
  return problems;
}

/** Every request that left the tracker is stored once, with its path, its query and its body unchanged. */
function verifyRequests(requests, payloads) {
  const key = (path, query, body) => JSON.stringify([path, query, body ?? null]);
  const refused = requests.filter(({ status }) => status !== 200).map(({ status }) => `a request was answered with ${status}`);
  const sent = requests.map(({ url, body }) => {
    const { pathname, search } = new URL(url);
    return key(pathname, search.slice(1), body);
  });
  const stored = payloads.map(({ path, querystring, body }) => key(path, querystring ?? '', body));
  return [...refused, ...compareBags('request', sent, stored)];
}

/** The fields around the events: where the request came from and how it was labelled. */
function verifyFields(step, sent, payload) {
  const problems = [];
  const expect = (name, actual, expected) => {
    if (actual !== expected) problems.push(`${name} is ${brief(actual)}, not ${brief(expected)}`);
  };
  const header = (name) => payload.headers.filter((line) => line.toLowerCase().startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
  const post = step.method === 'post';

  expect('path', payload.path, post ? TP2 : '/i');
  expect('contentType', payload.contentType, post ? 'application/json; charset=utf-8' : undefined);
  expect('encoding', payload.encoding, 'UTF-8');
  expect('schema', payload.schema, `${SCHEMA}/CollectorPayload/thrift/1-0-0`);
  expect('userAgent', payload.userAgent, sent.userAgent);
  expect('User-Agent headers', header('user-agent').join(), sent.userAgent);
  expect('Host headers', header('host').join(), new URL(step.collector).host);
  expect('refererUri', payload.refererUri, sent.origin && `${sent.origin}/`);
  expect('Origin headers', header('origin').join(), sent.origin ?? '');
  expect('ipAddress', payload.ipAddress, step.anonymous ? 'unknown' : '127.0.0.1');
  if (!payload.collector) problems.push('collector is empty');
  if (Math.abs(Date.now() - payload.timestamp) > 300_000) problems.push(`timestamp ${payload.timestamp} is not now`);
  if (step.anonymous) {
    expect('networkUserId', payload.networkUserId, ANONYMOUS_ID);
    expect('SP-Anonymous headers', header('sp-anonymous').join(), '*');
    expect('Cookie headers', header('cookie').length, 0);
  } else if (!UUID.test(payload.networkUserId) || payload.networkUserId === ANONYMOUS_ID) {
    problems.push(`networkUserId ${brief(payload.networkUserId)} is not a random UUID`);
  }
  return problems;
}

/** Every key and value that the tracker says it delivered is stored; `stm` is added while sending. */
function verifyAcknowledged(acknowledged, stored) {
  const canonical = (event) => JSON.stringify(Object.entries(event).filter(([name]) => name !== 'stm').map(([name, value]) => [name, String(value)]).sort());
  const ids = new Set(stored.map(({ eid }) => eid));
  const problems = compareBags('acknowledged event', acknowledged.map(canonical), stored.map(canonical));
  if (ids.size !== stored.length || ![...ids].every((id) => UUID.test(id))) problems.push('the event ids are not unique UUIDs');
  return problems;
}

/** Every event that was asked for is stored once, with the content that was asked for. */
function verifyIntended(step, stored) {
  const problems = [];
  const found = new Map();
  for (const event of stored) {
    const { mark, ...meaning } = meaningOf(event, step.base64, problems);
    if (found.has(mark)) problems.push(`event ${brief(mark)} is stored more than once`);
    found.set(mark, meaning);
  }
  for (const wanted of step.events) {
    const actual = found.get(wanted.mark), expected = meaningWanted(step, wanted);
    found.delete(wanted.mark);
    if (!actual) problems.push(`event ${brief(wanted.mark)} is missing`);
    else if (!isDeepStrictEqual(actual, expected)) problems.push(`event ${brief(wanted.mark)} is ${brief(actual, 1500)}, not ${brief(expected, 1500)}`);
  }
  for (const mark of found.keys()) problems.push(`event ${brief(mark)} was never sent`);
  return problems;
}

/** The entity that the browser tracker adds to every event. */
const isPageEntity = ({ schema }) => schema.startsWith(`${SCHEMA}/web_page/`);

/** What a stored event says, without the tracker's own additions. */
function meaningOf(event, base64, problems) {
  const json = (encoded, plain, schema) => {
    const [used, unused] = base64 ? [encoded, plain] : [plain, encoded];
    if (event[unused] !== undefined) problems.push(`an event uses ${unused} instead of ${used}`);
    if (event[used] === undefined) return undefined;
    const value = JSON.parse(base64 ? Buffer.from(event[used], 'base64url').toString() : event[used]);
    if (!value.schema.startsWith(`${SCHEMA}/${schema}/jsonschema/1-0-`)) problems.push(`${used} has the schema ${value.schema}`);
    return value.data;
  };
  const contexts = json('cx', 'co', 'contexts') ?? [];
  const ownEntities = contexts.filter(isPageEntity);
  if (ownEntities.length !== (event.p === 'web' ? 1 : 0)) problems.push(`an event has ${ownEntities.length} web_page entities`);
  const common = { e: event.e, aid: event.aid, contexts: contexts.filter((entity) => !isPageEntity(entity)) };
  if (event.e === 'pv') return { ...common, mark: event.page, url: event.url, refr: event.refr };
  if (event.e === 'se') return { ...common, mark: event.se_ac, ca: event.se_ca, la: event.se_la, pr: event.se_pr, va: event.se_va };
  const { schema, data } = json('ue_px', 'ue_pr', 'unstruct_event') ?? {};
  const { mark, ...rest } = data ?? {};
  return { ...common, mark, schema, data: rest };
}

function meaningWanted(step, { kind, url, referrer, category, label, property, value, schema, data, contexts }) {
  const common = { aid: `${step.tracker}-app`, contexts };
  if (kind === 'page_view') return { ...common, e: 'pv', url, refr: referrer };
  if (kind === 'struct') return { ...common, e: 'se', ca: category, la: label, pr: property, va: value === undefined ? undefined : String(value) };
  return { ...common, e: 'ue', schema, data };
}

/** Two lists must hold the same texts, each the same number of times. */
function compareBags(what, sent, stored) {
  const balance = new Map();
  for (const each of sent) balance.set(each, (balance.get(each) ?? 0) + 1);
  for (const each of stored) balance.set(each, (balance.get(each) ?? 0) - 1);
  return [...balance].filter(([, count]) => count !== 0).map(([text, count]) =>
    `${what} ${count > 0 ? 'sent but not stored' : 'stored but not sent'} (${Math.abs(count)}x): ${brief(text, 600)}`);
}

function brief(value, length = 200) {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > length ? `${text.slice(0, length)}… (${text.length} characters)` : text;
}

/** The network user ids of a whole test: kept where the client keeps cookies, fresh for every request where not. */
export function verifyIdentity(steps, results, stored) {
  const problems = [];
  let cookie = null;
  steps.forEach((step, i) => {
    const ids = [...new Set(stored[i].map(({ networkUserId }) => networkUserId))];
    const { requests, preflights, cookie: after, origin } = results[i];
    if (step.tracker !== 'browser') {
      const expected = step.anonymous || step.keepsCookie ? 1 : stored[i].length;
      if (ids.length !== expected) problems.push(`${stored[i].length} requests have ${ids.length} network user ids, not ${expected}`);
      return;
    }
    for (const { allowOrigin, allowCredentials } of requests) {
      if (allowOrigin !== origin || allowCredentials !== 'true') problems.push(`Access-Control-Allow-Origin is ${allowOrigin}, -Credentials ${allowCredentials}`);
    }
    if ((step.preflight || (i === 0 && step.method === 'post')) && preflights.length === 0) problems.push('the browser sent no preflight');
    if (preflights.some(({ status }) => status !== 200)) problems.push(`a preflight was answered with ${brief(preflights)}`);
    if (step.anonymous) {
      if (after && after.value !== cookie) problems.push(`an anonymous request left the cookie ${brief(after)}`);
      return;
    }
    if (ids.length !== 1) problems.push(`the browser got ${ids.length} network user ids on one page`);
    if (after?.value !== ids[0]) problems.push(`the cookie sp is ${brief(after)}, the network user id ${ids[0]}`);
    const sameSite = step.sameSite ?? 'None';
    if (after && (after.sameSite !== sameSite || after.secure !== (sameSite === 'None') || !after.httpOnly)) problems.push(`the cookie's attributes are wrong: ${brief(after, 400)}`);
    if (cookie !== null && cookie !== ids[0]) problems.push(`the network user id changed from ${cookie} to ${ids[0]}`);
    cookie = ids[0];
  });
  return problems;
}
