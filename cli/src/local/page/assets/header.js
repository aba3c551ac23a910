// What stands above all views: counts by stage with their timeline, the space, the theme, the state of the connection.

import { get, pageOf, space } from './api.js';
import { byId, el, number, svg, throttled } from './dom.js';

const STAGES = [
  ['received', 'Received', 'requests that the collector took'],
  ['good', 'Good', 'events that became rows'],
  ['bad', 'Bad', 'events that were refused'],
  ['incomplete', 'Incomplete', 'what remains of refused events, as rows'],
  ['delivered', 'Delivered', 'lines of delivered objects'],
  ['loaded', 'Loaded', 'rows in the warehouse'],
];
const STEP_WIDTH = 3, HEIGHT = 22;
const numbers = new Map(), drawings = new Map();

export function drawHeader() {
  byId('stages').append(...STAGES.map(([name, label, title]) => {
    numbers.set(name, el('span', { class: 'count' }, '0'));
    drawings.set(name, svg('svg', { class: `bars ${name}`, viewBox: `0 0 ${60 * STEP_WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }));
    return el('div', { class: 'stage', title, 'data-stage': name }, el('span', { class: 'label' }, label), numbers.get(name), drawings.get(name));
  }));
  drawTheme();
  drawSpaces();
}

/** The quick numbers, which come with every message. */
export function showCounts(counts) {
  for (const name of ['received', 'good', 'bad', 'incomplete']) {
    const value = name === 'received' ? counts.received + counts.raw_bad : counts[name];
    numbers.get(name).textContent = number(value);
  }
}

/** All numbers and the timeline. */
export const refreshCounts = throttled(async () => {
  const counts = await get('counts').catch(() => null);
  if (!counts) return;
  showCounts(counts);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  numbers.get('delivered').textContent = number(sum(counts.objects.map(({ lines }) => lines)));
  numbers.get('loaded').textContent = number(sum(Object.values(counts.loaded)));
  const { timeline } = counts;
  const lines = ['received', 'good', 'bad', 'incomplete', 'delivered'];
  // One scale for all, so that stages can be compared; the root keeps the small ones visible.
  const most = Math.sqrt(Math.max(1, ...lines.flatMap((name) => timeline[name])));
  for (const name of lines) {
    const bars = timeline[name].map((value, step) => {
      const height = value === 0 ? 0 : Math.max(2, (Math.sqrt(value) / most) * HEIGHT);
      return svg('rect', { x: step * STEP_WIDTH, y: HEIGHT - height, width: STEP_WIDTH - 1, height });
    });
    drawings.get(name).replaceChildren(...bars);
  }
}, 1000);

export function showState(isConnected) {
  const status = byId('status');
  status.textContent = isConnected ? 'live' : 'not connected, trying again';
  status.classList.toggle('is-live', isConnected);
}

function drawTheme() {
  const button = byId('theme'), root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const current = () => root.dataset.theme ?? (dark.matches ? 'dark' : 'light');
  const show = () => {
    const other = current() === 'dark' ? 'light' : 'dark';
    button.textContent = other === 'dark' ? 'Dark' : 'Light';
    button.setAttribute('aria-label', `Change to the ${other} theme`);
  };
  button.addEventListener('click', () => {
    root.dataset.theme = current() === 'dark' ? 'light' : 'dark';
    try { localStorage.setItem('whiteout-theme', root.dataset.theme); } catch { /* it holds until the page is closed */ }
    show();
  });
  dark.addEventListener('change', show);
  show();
}

async function drawSpaces() {
  const select = byId('space'), dialog = byId('new-space');
  const option = (name, label) => el('option', { value: name }, label);
  const fill = async () => {
    const { spaces } = await get('spaces').catch(() => ({ spaces: [{ name: '' }] }));
    const names = new Set([...spaces.map(({ name }) => name), space]);
    select.replaceChildren(...[...names].sort().map((name) => option(name, name === '' ? 'default' : name)), option(' ', 'Another…'));
    select.value = space;
  };
  select.replaceChildren(option(space, space || 'default'));
  await fill();
  select.addEventListener('pointerdown', fill);
  select.addEventListener('change', () => {
    if (select.value !== ' ') { location.assign(pageOf(select.value) + location.hash); return; }
    select.value = space;
    dialog.showModal();
  });
  byId('new-space-cancel').addEventListener('click', () => dialog.close());
  byId('new-space-form').addEventListener('submit', () => location.assign(pageOf(byId('new-space-name').value) + location.hash));
}
