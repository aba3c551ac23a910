// Queries over what was loaded.

import { get, post } from './api.js';
import { byId, el, empty, number } from './dom.js';

const state = { isReady: false, generation: 0 };
let text, told, result, examples, run;

export function setUp() {
  text = el('textarea', { id: 'sql-text', class: 'code-input', rows: '7', spellcheck: 'false', autocapitalize: 'off', 'aria-label': 'Query' });
  text.addEventListener('keydown', (event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); ask(); } });
  examples = el('select', { 'aria-label': 'Example queries', id: 'sql-examples', onchange: () => { text.value = examples.value; ask(); } });
  run = el('button', { type: 'button', class: 'primary', id: 'sql-run', title: 'Ctrl+Enter', onclick: ask }, 'Run');
  told = el('span', { class: 'told', id: 'sql-told', 'aria-live': 'polite' }, 'One query that reads; at most 1,000 rows and 10 seconds.');
  result = el('div', { class: 'wide result', tabindex: '0', role: 'region', 'aria-label': 'Rows' });
  byId('view-sql').append(el('div', { class: 'tools' }, el('label', { class: 'field inline' }, el('span', {}, 'Examples'), examples), run, told), text, result);
}

export async function show() {
  if (state.isReady) return;
  state.isReady = true;
  try {
    const list = await get('sql/examples');
    examples.replaceChildren(...list.map(({ title, sql }) => el('option', { value: sql }, title)));
    if (text.value === '') text.value = list[0].sql;
    result.replaceChildren(empty('Events, bad events and Service Pings stand here under the names that they have in the warehouse. Run the query, or choose another one.'));
  } catch (error) {
    state.isReady = false;
    told.textContent = error.message;
  }
}

async function ask() {
  const generation = (state.generation += 1);
  const began = performance.now();
  told.className = 'told';
  told.textContent = 'running';
  try {
    const answer = await post('sql', { sql: text.value });
    if (generation !== state.generation) return;
    const millis = Math.round(performance.now() - began);
    const rows = `${number(answer.rows.length)} ${answer.rows.length === 1 ? 'row' : 'rows'}`;
    told.textContent = answer.is_cut ? `the first ${rows}; there are more than fit here (${millis} ms)` : `${rows} (${millis} ms)`;
    draw(answer);
  } catch (error) {
    if (generation !== state.generation) return;
    told.className = 'told is-wrong';
    told.textContent = error.message;
  }
}

function draw({ columns, rows }) {
  if (rows.length === 0) { result.replaceChildren(empty('No rows. What was sent is here as soon as it was delivered and loaded.')); return; }
  result.replaceChildren(el('table', { class: 'grid' },
    el('thead', {}, el('tr', {}, ...columns.map((name, index) => el('th', { scope: 'col', class: typeof rows[0][index] === 'number' ? 'number' : null }, name)))),
    el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map(cell))))));
}

function cell(value) {
  if (value === null) return el('td', { class: 'none' }, 'NULL');
  const text = String(value);
  return el('td', { class: typeof value === 'number' ? 'number' : '', title: text.length > 80 ? text.slice(0, 2000) : null }, text.length > 300 ? `${text.slice(0, 300)}…` : text);
}
