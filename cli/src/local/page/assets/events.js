// The list of events, which new ones are added to, and one of them beside it.

import { curl, get, query } from './api.js';
import { badge, byId, clock, debounced, el, empty, number } from './dom.js';
import { drawEvent } from './detail.js';
import { WindowedList } from './window.js';

const PAGE = 200, OLDER = 1000;
/** More are asked for again when they are scrolled to. */
const KEPT_MAX = 30_000;

const state = { events: [], total: 0, more: false, kind: '', q: '', paused: false, waiting: 0, shown: null, generation: 0 };
let list, detail, filter, kinds, pause, told, none;

export function setUp() {
  filter = el('input', { id: 'filter', type: 'search', placeholder: 'Filter: text, ID, application', 'aria-label': 'Filter events', maxlength: '200', autocomplete: 'off', spellcheck: 'false' });
  filter.addEventListener('input', debounced(go, 200));
  kinds = el('select', { 'aria-label': 'Kind', onchange: go },
    ...[['', 'All kinds'], ['good', 'Good'], ['bad', 'Bad'], ['incomplete', 'Incomplete']].map(([value, label]) => el('option', { value }, label)));
  pause = el('button', { type: 'button', id: 'pause', 'aria-pressed': 'false', onclick: togglePause }, 'Pause');
  told = el('span', { class: 'told', id: 'events-told', 'aria-live': 'polite' });
  list = new WindowedList({ label: 'Events', rowHeight: 46, draw, open, more });
  none = el('div', { hidden: true });
  detail = el('div', { class: 'detail', id: 'event', tabindex: '-1', 'aria-live': 'off' });
  byId('view-events').append(
    el('div', { class: 'tools' }, filter, kinds, pause, told),
    el('div', { class: 'split', id: 'split' }, el('div', { class: 'side' }, list.element, none), detail),
  );
}

/** The part of the address behind `#events`. */
export function show(id, parameters) {
  const q = parameters.get('q') ?? '', kind = parameters.get('kind') ?? '';
  const isOther = q !== state.q || kind !== state.kind || state.generation === 0;
  if (filter.value !== q && document.activeElement !== filter) filter.value = q;
  kinds.value = kind;
  Object.assign(state, { q, kind });
  if (isOther) replace();
  if (id !== state.shown) openEvent(id);
}

/** New events, as the pipeline tells them. */
export function hear(news) {
  if (news.reset) { replace(); return; }
  if (news.events.length === 0) { check(news.counts); return; }
  const fits = state.kind === '' ? news.events : news.events.filter(({ kind }) => kind === state.kind);
  if (state.paused) { state.waiting += fits.length + news.dropped; tell(); return; }
  // With a text, or if some were left out, only the pipeline knows what belongs here.
  if (state.q !== '' || news.dropped > 0) { reloadSoon(); return; }
  const newest = state.events[0]?.id ?? 0;
  const fresh = fits.filter(({ id }) => id > newest);
  state.total += fresh.length;
  put([...fresh, ...state.events]);
  check(news.counts);
}

/** What came between the first list and the first message is in neither. */
function check({ good, bad, incomplete }) {
  if (state.q === '' && state.kind === '' && !state.paused && good + bad + incomplete !== state.total) reloadSoon();
}

export const focusFilter = () => filter.focus();
export const move = (by) => list.move(by);
export const openSelected = () => { if (list.selected !== null) open(list.selected); };
export const close = () => { if (state.shown !== null) location.hash = address(null); };

export function togglePause() {
  state.paused = !state.paused;
  state.waiting = 0;
  pause.textContent = state.paused ? 'Go on' : 'Pause';
  pause.setAttribute('aria-pressed', String(state.paused));
  if (!state.paused) replace();
  tell();
}

const address = (id) => `#events${id === null ? '' : `/${id}`}${query({ q: state.q, kind: state.kind })}`;

function go() {
  const before = address(state.shown);
  Object.assign(state, { q: filter.value.trim(), kind: kinds.value });
  if (address(state.shown) === before) return;
  history.replaceState(null, '', address(state.shown));
  replace();
}

function open(id) {
  location.hash = address(id);
}

/** Another list, from its beginning. */
const replace = () => { state.events = []; return reload(); };

/** The newest events, before those that are known if there is no gap between. */
async function reload() {
  const generation = (state.generation += 1);
  try {
    const page = await get(`events${query({ limit: PAGE, q: state.q, kind: state.kind })}`);
    if (generation !== state.generation) return;
    const last = page.events.at(-1)?.id ?? 0, known = state.events.findIndex(({ id }) => id <= last);
    const older = known < 0 ? [] : state.events.slice(known).filter(({ id }) => id < last);
    Object.assign(state, { total: page.total, more: page.more && (older.length === 0 || state.more), searched: page.searched, waiting: 0 });
    put([...page.events, ...older]);
  } catch (error) {
    told.textContent = error.message;
  }
}

const reloadSoon = debounced(() => { if (!state.paused) reload(); }, 300);

async function more() {
  const last = state.events.at(-1);
  if (!state.more || state.loading || !last || state.events.length >= KEPT_MAX) return;
  state.loading = true;
  const { generation } = state;
  try {
    const page = await get(`events${query({ limit: OLDER, before: last.id, q: state.q, kind: state.kind })}`);
    if (generation === state.generation) {
      state.more = page.more;
      put([...state.events, ...page.events]);
    }
  } catch (error) {
    told.textContent = error.message;
  } finally {
    state.loading = false;
  }
}

function put(events) {
  if (events.length > KEPT_MAX) { events.length = KEPT_MAX; state.more = true; }
  state.events = events;
  list.show(events);
  const isEmpty = events.length === 0;
  list.element.hidden = isEmpty;
  none.hidden = !isEmpty;
  if (isEmpty) {
    none.replaceChildren(state.q || state.kind
      ? empty('No event fits the filter.')
      : empty('No events yet. Send one, here or under Send:', curl()));
  }
  if (state.shown === null) drawNothing();
  tell();
}

function tell() {
  const words = [`${number(state.total)} ${state.total === 1 ? 'event' : 'events'}`];
  if (state.searched && state.q) words.push(`among the newest ${number(state.searched)}`);
  if (state.paused) words.push(`paused, ${number(state.waiting)} new`);
  told.textContent = words.join(', ');
}

function draw(event, row) {
  row.append(
    el('span', { class: 'line' }, el('span', { class: `dot ${event.kind}`, title: event.kind }), el('strong', { class: 'name' }, event.name ?? 'request'),
      event.kind !== 'good' && badge(event.severity && event.kind === 'bad' ? `bad ${event.severity}` : event.kind, event.is_noise ? 'noise' : event.kind),
      el('span', { class: 'app' }, event.app_id ?? ''), el('time', { datetime: event.at, title: event.at }, clock(event.at))),
    el('span', { class: 'about' }, event.about ?? ''),
  );
}

async function openEvent(id) {
  state.shown = id;
  byId('split').classList.toggle('is-open', id !== null);
  list.select(id);
  if (id === null) { drawNothing(); return; }
  try {
    const event = await get(`events/${id}`);
    if (state.shown !== id) return;
    drawEvent(detail, event, { back: address(null), sibling: address });
    detail.scrollTop = 0;
  } catch (error) {
    if (state.shown === id) detail.replaceChildren(el('p', {}, el('a', { href: address(null) }, 'Back to the list')), empty(error.message));
  }
}

function drawNothing() {
  const text = state.events.length ? 'Choose an event to see its way: what was sent, what it became, what may be seen of it, and which rule says so.' : '';
  detail.replaceChildren(el('p', { class: 'hint' }, text));
}
