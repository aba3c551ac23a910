// Sends test events to the paths that trackers use.

import { base, curl } from './api.js';
import { byId, el, number } from './dom.js';
import { KINDS, payload } from './samples.js';

const TP2 = '/com.snowplowanalytics.snowplow/tp2';
const JSON_TYPE = { 'Content-Type': 'application/json; charset=UTF-8' };
const COUNT_MAX = 10_000, TOGETHER = 100;
let form, told, preview, button;

const field = (label, input, hint) => el('label', { class: 'field' }, el('span', {}, label), input, hint && el('small', {}, hint));
const text = (name, value) => el('input', { name, id: `send-${name}`, value, autocomplete: 'off', spellcheck: 'false', maxlength: '1000' });

export function setUp() {
  button = el('button', { class: 'primary', id: 'send-button' }, 'Send');
  told = el('p', { class: 'told', id: 'send-told', 'aria-live': 'polite' });
  preview = el('pre', { class: 'code', id: 'send-preview', tabindex: '0' });
  form = el('form', { class: 'form', onsubmit: send, oninput: draw },
    field('What', el('select', { name: 'kind', id: 'send-kind' }, ...Object.entries(KINDS).map(([name, { label, expect }]) => el('option', { value: name }, `${label}${expect === 'bad' ? ', becomes a bad event' : ''}`)))),
    field('Application ID', text('app', 'gitlab')),
    field('User ID', text('user', 'joe@example.com'), 'hidden by the policy'),
    field('Page title', text('title', 'Merge requests')),
    field('Page URL', text('url', 'https://gitlab.example.com/acme/app/-/merge_requests?state=opened')),
    field('How many', el('input', { name: 'count', id: 'send-count', type: 'number', min: '1', max: String(COUNT_MAX), value: '1', required: true }), `1 to ${number(COUNT_MAX)}`),
    el('p', { class: 'actions' }, button, told));
  byId('view-send').append(el('div', { class: 'columns' }, form,
    el('div', {}, el('h2', {}, 'What is sent'), preview, el('h2', {}, 'From a shell'), el('pre', { class: 'command', tabindex: '0' }, curl()))));
  draw();
}

export const show = () => {};

function values() {
  const data = new FormData(form);
  return Object.fromEntries(['kind', 'app', 'user', 'title', 'url', 'count'].map((name) => [name, String(data.get(name) ?? '')]));
}

/** The request of some events of the chosen kind. */
function request(chosen, together) {
  const kind = KINDS[chosen.kind];
  if (kind.path) return { path: kind.path, options: { method: 'GET' } };
  const body = kind.body ? kind.body() : payload(Array.from({ length: together }, () => kind.event(chosen)));
  return { path: TP2, options: { method: 'POST', headers: JSON_TYPE, body } };
}

function draw() {
  const { path, options } = request(values(), 1);
  let body = options.body ?? '';
  try { body = JSON.stringify(JSON.parse(body), null, 2); } catch { /* broken on purpose */ }
  preview.textContent = `${options.method} ${base}${path}\n${options.body ? `Content-Type: ${JSON_TYPE['Content-Type']}\n\n${body}` : ''}`;
}

async function send(event) {
  event.preventDefault();
  const chosen = values();
  const isAlone = !KINDS[chosen.kind].event;
  const count = Math.min(COUNT_MAX, Math.max(1, Number(chosen.count) || 1));
  const statuses = new Map();
  button.disabled = true;
  try {
    for (let sent = 0; sent < count;) {
      const together = isAlone ? 1 : Math.min(TOGETHER, count - sent);
      const { path, options } = request(chosen, together);
      const { status } = await fetch(`${base}${path}`, { ...options, credentials: 'same-origin' });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      sent += together;
      told.textContent = `${number(sent)} of ${number(count)}`;
    }
    const answers = [...statuses].map(([status, times]) => (times === 1 ? `${status}` : `${status} (${number(times)} times)`)).join(', ');
    told.replaceChildren(`${number(count)} sent, answered with ${answers}. `, el('a', { href: KINDS[chosen.kind].expect === 'bad' ? '#bad' : '#events' }, KINDS[chosen.kind].expect === 'bad' ? 'Look at bad events' : 'Look at events'));
  } catch (error) {
    told.textContent = `not sent: ${error.message}`;
  } finally {
    button.disabled = false;
  }
}
