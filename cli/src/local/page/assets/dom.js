// Builds elements. Values are foreign: they become text, never markup.

/** An element with properties, attributes, listeners and children (elements or texts). */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else if (name === 'value' || name === 'checked' || name === 'disabled' || name === 'open') element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...present(children));
  return element;
}

/** Children without those that a condition left out. */
const present = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

/** Puts children in the place of all that was there. */
export const fill = (element, ...children) => element.replaceChildren(...present(children));

/** An element of a drawing. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Runs at most once in a while, and once more at the end if it was called meanwhile. */
export function throttled(run, millis) {
  let waiting = null, again = false;
  const start = async () => {
    if (waiting !== null) { again = true; return; }
    waiting = setTimeout(() => { waiting = null; if (again) { again = false; start(); } }, millis);
    await run();
  };
  return start;
}

/** Runs when nothing was asked for a while. */
export function debounced(run, millis) {
  let waiting;
  return (...args) => { clearTimeout(waiting); waiting = setTimeout(() => run(...args), millis); };
}

const NUMBER = new Intl.NumberFormat('en');
export const number = (value) => NUMBER.format(value ?? 0);

export function bytes(count) {
  if (count < 1000) return `${count} B`;
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

/** The time of day, in the reader's zone. */
export function clock(iso) {
  const at = new Date(iso);
  const two = (part) => String(part).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/** Day and time, in the reader's zone. */
export function moment(iso) {
  const at = new Date(iso);
  const two = (part) => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(iso).slice(0, 8)}`;
}

/** What there is to do when there is nothing to see. */
export function empty(text, command) {
  return el('div', { class: 'empty' }, el('p', {}, text), command && el('pre', { class: 'command', tabindex: '0' }, command));
}

/** A word that stands for a kind or a severity. */
export const badge = (text, kind) => el('span', { class: `badge ${kind}` }, text);

/** Text that is shown as far as it is useful; the rest can be unfolded. */
export function long(text, most = 240) {
  if (text === null || text === undefined) return el('span', { class: 'none' }, '–');
  if (text.length <= most) return text;
  const shown = el('span', {}, `${text.slice(0, most)}… `);
  const more = el('button', { type: 'button', class: 'more', onclick: () => shown.replaceChildren(text) }, `all ${number(text.length)} characters`);
  shown.append(more);
  return shown;
}
