// What keys do outside of fields.

import { byId } from './dom.js';

const isField = (target) => target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;
const isControl = (target) => target instanceof Element && target.closest('a, button, summary') !== null;

/** `view()` is the view in sight. */
export function setUpKeyboard(view, { focusFilter, togglePause, tabs }) {
  byId('help-open').addEventListener('click', () => byId('help').showModal());
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    if (isField(event.target)) {
      if (event.key === 'Escape') event.target.blur();
      return;
    }
    const keys = {
      '/': focusFilter,
      '?': () => byId('help').showModal(),
      j: () => view().move?.(1),
      k: () => view().move?.(-1),
      p: togglePause,
      Escape: () => view().close?.(),
    };
    if (event.key === 'Enter' && !isControl(event.target)) keys.Enter = () => view().openSelected?.();
    if (event.target.closest?.('[role=listbox]')) Object.assign(keys, { ArrowDown: keys.j, ArrowUp: keys.k });
    const tab = /^[1-6]$/.test(event.key) ? tabs[Number(event.key) - 1] : null;
    if (tab) keys[event.key] = () => { location.hash = tab.hash; };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  // Between tabs the arrows move, as in every list of tabs.
  tabs.forEach((tab, index) => tab.addEventListener('keydown', (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = tabs[(index + by + tabs.length) % tabs.length];
    next.focus();
    location.hash = next.hash;
  }));
}
