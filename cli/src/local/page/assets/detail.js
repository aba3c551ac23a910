// One event's way: cause and remedy if it is bad, then raw, enriched, pseudonymized and the rule, value by value.

import { base } from './api.js';
import { badge, el, fill, long, moment } from './dom.js';

const FATES = { kept: 'kept', reduced: 'reduced', pseudonymized: 'pseudonym', dropped: 'left out' };

/** Fills an element with an event. */
export function drawEvent(element, event, { back, sibling }) {
  fill(element,
    el('div', { class: 'title' },
      el('a', { class: 'back', href: back }, 'Back'),
      el('h2', {}, event.name ?? 'request'), badge(event.kind, event.is_noise ? 'noise' : event.kind),
      el('span', { class: 'grow' }),
      el('a', { class: 'button', href: `#playground/${event.id}` }, 'Try a policy')),
    facts([['Application', event.app_id], ['Event ID', event.event_id], ['Stream', `${event.stream}, record ${event.id}`], ['Stored', moment(event.at)],
      ['Delivered', event.delivered ? delivered(event.delivered) : event.kind === 'incomplete' ? 'nothing delivers incomplete events' : 'not yet']]),
    event.bad?.class && cause(event.bad.class),
    values(event),
    siblings(event, sibling),
    ...event.requests.map((request) => folded('Request', requestFacts(request))),
    event.parameters && folded(`Parameters (${event.parameters.length})`, pairs(event.parameters.map(({ name, value }) => [name, value]))),
    event.enriched.length > 0 && folded(`Enriched columns (${event.enriched.length})`, pairs(event.enriched.map(({ column, value }) => [column, value]))),
    event.treated.length > 0 && folded(`Delivered columns (${event.treated.length})`, pairs(event.treated.map(({ column, value }) => [column, value]))),
    event.bad && folded('Bad row', json(event.bad.row)),
    event.bad?.treated && folded('Bad row as delivered', json(event.bad.treated)),
  );
}

/** What the classifier says. */
export function cause(said) {
  return el('div', { class: `cause ${said.is_noise ? 'noise' : ''}` },
    el('p', { class: 'why' }, said.likely_cause ?? 'The cause is not known.'),
    el('p', { class: 'remedy' }, el('strong', {}, 'What to do: '), said.remedy ?? 'look at the bad row.'),
    said.is_noise && el('p', {}, el('strong', {}, 'Noise: '), said.noise_reason ?? said.noise_rule ?? ''),
    facts([['Family', `${said.family} / ${said.sub_class}`], ['Severity', said.severity], ['Schema', said.schema], ['Place', said.pointer], ['Keyword', said.keyword],
      ['Application', said.app_id], ['Owner', said.owner], ['Recoverable', said.recoverable]]));
}

function delivered({ key, line }) {
  return el('span', {}, el('a', { href: `${base}/whiteout/objects/${key}`, download: key.split('/').at(-1) }, key), `, line ${line}`);
}

function values(event) {
  if (event.defect) return el('p', { class: 'cause' }, `The policy cannot treat this line part by part (${event.defect}): it is quarantined as a whole.`);
  const sent = new Map((event.parameters ?? []).map(({ name, value }) => [name, value]));
  const columns = new Map(event.enriched.map((cell) => [cell.column, cell.parameter]));
  const request = event.requests[0];
  const other = request ? { user_ipaddress: request.ip, useragent: request.user_agent, network_userid: request.network_user_id, collector_tstamp: request.received_at, page_referrer: request.referer } : {};
  const raw = ({ place }) => {
    const column = /^column (\w+)$/.exec(place)?.[1] ?? /^(contexts|unstruct_event|derived_contexts)/.exec(place)?.[1];
    const names = column === 'contexts' ? ['co', 'cx'] : column === 'unstruct_event' ? ['ue_pr', 'ue_px'] : [columns.get(column)];
    const name = names.find((each) => each && sent.has(each));
    if (name) return place.startsWith('column ') ? el('span', {}, el('span', { class: 'parameter' }, `${name}=`), long(sent.get(name) ?? '', 120)) : el('span', { class: 'parameter' }, `in ${name}`);
    return place.startsWith('column ') && other[column] ? el('span', {}, el('span', { class: 'parameter' }, 'request: '), long(other[column], 120)) : long(null);
  };
  const isRow = event.bad === null;
  const rows = event.values.map((value) => el('tr', { class: `${value.fate} ${value.fate === 'kept' ? 'is-kept' : 'is-changed'}` },
    el('th', { scope: 'row' }, value.place.replace(/^column |^bad event /, '')),
    isRow && el('td', { 'data-label': 'Raw' }, raw(value)),
    el('td', { 'data-label': isRow ? 'Enriched' : 'Bad row' }, long(value.before)),
    el('td', { 'data-label': 'Pseudonymized', class: 'after' }, value.after === null ? el('span', { class: 'gone' }, 'left out') : long(value.after)),
    el('td', { 'data-label': 'Rule', class: 'rule' }, rule(value))));
  const changed = event.values.filter(({ fate }) => fate !== 'kept').length;
  const table = el('table', { class: 'values only-changed', id: 'values' },
    el('thead', {}, el('tr', {}, ...['Value', isRow && 'Raw', isRow ? 'Enriched' : 'Bad row', 'Pseudonymized', 'Rule'].filter(Boolean).map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, ...rows));
  const all = el('input', { type: 'checkbox', id: 'all-values', onchange: () => table.classList.toggle('only-changed', !all.checked) });
  return el('section', {},
    el('div', { class: 'heading' }, el('h3', {}, `${changed} of ${event.values.length} values changed by the policy`), el('label', { class: 'check' }, all, 'show all')),
    el('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': 'Values' }, table));
}

/** What a rule did, and where it stands. */
export function rule(value) {
  return [el('span', { class: `fate ${value.fate}` }, FATES[value.fate]), ' ', el('span', { class: 'treatment' }, value.treatment),
    value.line > 0 && el('span', { class: 'where' }, ` line ${value.line}`),
    value.line === 0 && value.rule === 'default' && el('span', { class: 'where' }, ' no rule names it'),
    value.outside_of_class && el('span', { class: 'where' }, ' outside of its class')];
}

function siblings({ siblings: others }, sibling) {
  if (others.length === 0) return null;
  return el('section', {}, el('h3', {}, 'From the same request'),
    el('ul', { class: 'siblings' }, ...others.map((other) => el('li', {}, el('a', { href: sibling(other.id) }, `${other.name ?? 'request'} (${other.kind})`)))));
}

function requestFacts(request) {
  const body = request.body === null ? null : el('pre', { class: 'code' }, pretty(request.body));
  return el('div', {}, facts([['Path', request.path], ['Query string', request.query], ['Address', request.ip], ['User agent', request.user_agent], ['Referrer', request.referer], ['Host', request.hostname],
    ['Content type', request.content_type], ['Network user ID', request.network_user_id], ['Received', request.received_at], ['Collector', request.collector]]),
  el('h4', {}, 'Headers'), el('pre', { class: 'code' }, request.headers.join('\n')), body && el('h4', {}, `Body, ${request.body_bytes} bytes`), body);
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

const json = (value) => el('pre', { class: 'code' }, typeof value === 'string' ? value : JSON.stringify(value, null, 2));

const folded = (title, content) => el('details', {}, el('summary', {}, title), content);

const pairs = (rows) => el('div', { class: 'wide' }, el('table', { class: 'pairs' }, el('tbody', {}, ...rows.map(([name, value]) => el('tr', {}, el('th', { scope: 'row' }, name), el('td', {}, long(value, 500)))))));

/** Names with values; what is empty is passed over. */
export function facts(rows) {
  return el('dl', { class: 'facts' }, ...rows.filter(([, value]) => value).map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, typeof value === 'string' ? long(value, 300) : value))));
}
