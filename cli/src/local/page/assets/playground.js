// A policy that is edited beside an event: what is wrong with it, what the event would become, what it newly shows.

import { curl, get, post } from './api.js';
import { byId, clock, debounced, el, empty, long } from './dom.js';
import { rule } from './detail.js';

const CHOICES = 50;
const state = { inUse: '', event: null, generation: 0, tried: null };
let text, gutter, problems, result, chooser, told, onlyDifferent;

export function setUp() {
  gutter = el('div', { class: 'gutter', 'aria-hidden': 'true' });
  text = el('textarea', { id: 'policy', wrap: 'off', spellcheck: 'false', autocapitalize: 'off', 'aria-label': 'Policy', 'aria-describedby': 'problems' });
  text.addEventListener('input', () => {
    if (text.value.split('\n').length !== gutter.childElementCount) number();
    trySoon();
  });
  text.addEventListener('scroll', () => { gutter.scrollTop = text.scrollTop; });
  problems = el('ul', { class: 'problems', id: 'problems', 'aria-live': 'polite' });
  chooser = el('select', { 'aria-label': 'Event', id: 'policy-event', onchange: () => { location.hash = `#playground/${chooser.value}`; } });
  onlyDifferent = el('input', { type: 'checkbox', id: 'only-different', onchange: draw });
  told = el('div', { class: 'verdict', id: 'verdict', 'aria-live': 'polite' });
  result = el('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': 'What the event would become' });
  byId('view-playground').append(
    el('div', { class: 'bench' },
      el('div', { class: 'bench-policy' },
        el('div', { class: 'tools' }, el('h2', {}, 'Policy'), el('span', { class: 'grow' }), el('button', { type: 'button', id: 'policy-back', onclick: back }, 'As in use')),
        el('div', { class: 'editor' }, gutter, text), problems),
      el('div', { class: 'bench-result' },
        el('div', { class: 'tools' }, el('label', { class: 'field inline grow' }, el('span', {}, 'Event'), chooser), el('label', { class: 'check' }, onlyDifferent, 'only differences')),
        told, result)));
}

export async function show(id) {
  state.event = id;
  try {
    if (state.inUse === '') {
      state.inUse = (await get('policy')).yaml;
      if (text.value === '') text.value = state.inUse;
      number();
    }
    await fillChooser();
    await attempt();
  } catch (error) {
    told.replaceChildren(error.message);
  }
}

function back() {
  text.value = state.inUse;
  number();
  attempt();
}

async function fillChooser() {
  const { events } = await get(`events?limit=${CHOICES}`);
  if (state.event !== null && !events.some(({ id }) => id === state.event)) {
    const chosen = await get(`events/${state.event}`).catch(() => null);
    if (chosen) events.push(chosen);
  }
  chooser.replaceChildren(...events.map((event) => el('option', { value: String(event.id) }, `${clock(event.at).slice(0, 8)} ${event.name ?? 'request'} ${event.app_id ?? ''} (${event.kind})`)));
  state.event ??= events.find(({ kind }) => kind === 'good')?.id ?? events[0]?.id ?? null;
  chooser.value = String(state.event);
  chooser.disabled = events.length === 0;
}

/** Numbers the lines, and marks those that something is wrong with. */
function number(wrong = new Map()) {
  const count = text.value.split('\n').length;
  gutter.replaceChildren(...Array.from({ length: count }, (_, index) => {
    const message = wrong.get(index + 1);
    return el('span', { class: message ? 'is-wrong' : '', title: message }, String(index + 1));
  }));
  gutter.scrollTop = text.scrollTop;
}

const trySoon = debounced(attempt, 250);

async function attempt() {
  const generation = (state.generation += 1);
  try {
    const tried = await post('policy/try', { policy: text.value, event: state.event });
    if (generation !== state.generation) return;
    state.tried = tried;
    draw();
  } catch (error) {
    if (generation === state.generation) told.replaceChildren(error.message);
  }
}

function draw() {
  const { tried } = state;
  if (!tried) return;
  number(new Map(tried.problems.map(({ line, subject, message }) => [line, `${subject} ${message}`])));
  problems.replaceChildren(...tried.problems.map(({ line, subject, message }) => el('li', {},
    el('button', { type: 'button', class: 'more', onclick: () => jump(line) }, line > 0 ? `line ${line}` : 'policy'), ` ${subject} ${message}`)));
  result.classList.toggle('is-stale', !tried.ok);
  if (!tried.ok) {
    told.className = 'verdict is-wrong';
    told.replaceChildren(`${tried.problems.length} ${tried.problems.length === 1 ? 'problem' : 'problems'}; below is what the policy did before`);
    return;
  }
  const exposed = tried.changes.filter(({ kind }) => kind === 'exposed');
  told.className = `verdict ${tried.leaks || exposed.length ? 'is-leak' : ''}`;
  told.replaceChildren(...verdict(tried, exposed));
  drawValues(tried);
}

function verdict(tried, exposed) {
  const counts = ['kept', 'reduced', 'pseudonymized', 'dropped'].map((name) => `${tried.counts[name] ?? 0} ${name}`).join(', ');
  const parts = [el('p', {}, tried.event ? counts : 'No event to try it on.')];
  if (tried.leaks) parts.push(el('p', { class: 'leaks' }, `${tried.leaks} ${tried.leaks === 1 ? 'value of this event leaks' : 'values of this event leak'}: the policy in use hides more of it`));
  if (exposed.length) {
    parts.push(el('details', {}, el('summary', {}, `${exposed.length} ${exposed.length === 1 ? 'place shows' : 'places show'} more than with the policy in use, whatever the event`),
      el('ul', {}, ...exposed.map(({ place, before, after, line }) => el('li', {}, `${place}: ${before} → ${after}${line ? `, line ${line}` : ''}`)))));
  }
  if (tried.changes.length === 0) parts.push(el('p', { class: 'where' }, 'The same as the policy in use. Edit a rule to see what it would do.'));
  if (tried.defect) parts.push(el('p', {}, `The line is quarantined as a whole (${tried.defect}).`));
  return parts;
}

function drawValues(tried) {
  if (!tried.event) { result.replaceChildren(empty('Send an event first:', curl('e=pv&p=web&tv=curl&aid=gitlab&uid=joe&url=https%3A%2F%2Fgitlab.com%2Fa%2Fb'))); return; }
  const isDifferent = (value) => value.leaks || value.now !== value.after;
  const sorted = [...tried.values].sort((a, b) => b.leaks - a.leaks || isDifferent(b) - isDifferent(a) || (a.fate === 'kept') - (b.fate === 'kept'));
  const shown = onlyDifferent.checked ? sorted.filter(isDifferent) : sorted;
  result.replaceChildren(el('table', { class: 'values' },
    el('thead', {}, el('tr', {}, ...['Value', 'Enriched', 'In use', 'This policy', 'Rule'].map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, ...shown.map((value) => el('tr', { class: `${value.fate} ${value.leaks ? 'is-leak' : isDifferent(value) ? 'is-different' : ''}` },
      el('th', { scope: 'row' }, value.place.replace(/^column |^bad event /, ''), value.leaks && el('span', { class: 'badge bad' }, 'leaks')),
      el('td', { 'data-label': 'Enriched' }, long(value.before, 120)),
      el('td', { 'data-label': 'In use' }, gone(value.now)),
      el('td', { 'data-label': 'This policy', class: 'after' }, gone(value.after)),
      el('td', { 'data-label': 'Rule', class: 'rule' }, rule(value)))))));
}

const gone = (value) => (value === null ? el('span', { class: 'gone' }, 'left out') : long(value, 120));

function jump(line) {
  const lines = text.value.split('\n');
  const start = lines.slice(0, Math.max(0, line - 1)).join('\n').length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] ?? '').length);
  text.scrollTop = Math.max(0, (line - 5) * parseFloat(getComputedStyle(text).lineHeight));
}
