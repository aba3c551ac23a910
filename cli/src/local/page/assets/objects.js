// What was delivered, to be downloaded.

import { base, curl } from './api.js';
import { byId, bytes, el, empty, moment, number, throttled } from './dom.js';

const SHOWN_MAX = 500;
const state = { isShown: false };
let told, table;

export function setUp() {
  told = el('span', { class: 'told', 'aria-live': 'polite' });
  table = el('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': 'Delivered objects' });
  byId('view-objects').append(el('div', { class: 'tools' }, told), table);
}

export function show() {
  state.isShown = true;
  refresh();
}

export const hide = () => { state.isShown = false; };
export const hear = () => { if (state.isShown) refresh(); };

const refresh = throttled(async () => {
  try {
    const response = await fetch(`${base}/whiteout/objects`);
    if (!response.ok) throw new Error(`the answer was ${response.status}`);
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    const newest = lines.slice(-SHOWN_MAX).reverse().map((line) => JSON.parse(line));
    told.textContent = `${number(lines.length)} ${lines.length === 1 ? 'object' : 'objects'}${lines.length > SHOWN_MAX ? `, the newest ${SHOWN_MAX} are shown` : ''}`;
    draw(newest);
  } catch (error) {
    told.textContent = error.message;
  }
}, 1000);

function draw(objects) {
  if (objects.length === 0) {
    table.replaceChildren(empty('Nothing is delivered yet. Send an event; with --batching deliveries wait for more:', curl()));
    return;
  }
  table.replaceChildren(el('table', { class: 'grid objects' },
    el('thead', {}, el('tr', {}, ...['Object', 'Lines', 'Size', 'Delivered'].map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, ...objects.map(({ key, lines, bytes: size, at }) => el('tr', {},
      el('td', { class: 'key' }, el('a', { href: `${base}/whiteout/objects/${key}`, download: key.split('/').at(-1) }, key)),
      el('td', { class: 'number' }, number(lines)), el('td', { class: 'number' }, bytes(size)), el('td', {}, moment(at)))))));
}
