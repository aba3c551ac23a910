// Bad events in groups: the same failure once, with its cause and what to do.

import { curl, get, query } from './api.js';
import { badge, byId, el, empty, moment, number, throttled } from './dom.js';
import { cause } from './detail.js';

const state = { groups: [], open: null, selected: null, isShown: false };
let list, told;

export function setUp() {
  told = el('span', { class: 'told', 'aria-live': 'polite' });
  list = el('div', { class: 'groups', id: 'groups' });
  byId('view-bad').append(el('div', { class: 'tools' }, told), list);
}

export function show(fingerprint) {
  state.isShown = true;
  state.open = fingerprint;
  state.selected = fingerprint ?? state.selected;
  refresh();
}

export const hide = () => { state.isShown = false; };
export const hear = () => { if (state.isShown) refresh(); };

const refresh = throttled(async () => {
  try {
    const { groups, total } = await get('bad-groups');
    state.groups = groups;
    told.textContent = `${number(total)} ${total === 1 ? 'kind of failure' : 'kinds of failure'}, ${number(groups.reduce((sum, { count }) => sum + count, 0))} bad events`;
    draw();
  } catch (error) {
    told.textContent = error.message;
  }
}, 500);

function draw() {
  if (state.groups.length === 0) {
    list.replaceChildren(empty('No bad events. This one would be:', curl('e=se&se_va=many&p=web&tv=curl&aid=gitlab')));
    return;
  }
  const focused = document.activeElement?.closest?.('.group')?.dataset.fingerprint;
  list.replaceChildren(...state.groups.map(drawGroup));
  if (focused) list.querySelector(`[data-fingerprint="${CSS.escape(focused)}"] > a`)?.focus();
}

function drawGroup(group) {
  const isOpen = group.fingerprint === state.open;
  const schema = group.schema?.replace(/^iglu:/, '').replace('/jsonschema', '');
  const head = el('a', { class: 'group-head', href: isOpen ? '#bad' : `#bad/${group.fingerprint}`, 'aria-expanded': String(isOpen) },
    el('span', { class: 'group-count' }, number(group.count)),
    badge(group.is_noise ? 'noise' : group.severity, group.is_noise ? 'noise' : group.severity),
    el('span', { class: 'group-what' }, el('strong', {}, `${group.family} / ${group.sub_class}`), el('span', { class: 'about' }, [schema, group.pointer].filter(Boolean).join(' '))),
    el('span', { class: 'app' }, group.app_id ?? ''), el('time', { datetime: group.last_seen, title: `first ${group.first_seen}` }, moment(group.last_seen)));
  const body = isOpen && el('div', { class: 'group-body' }, cause(group),
    el('p', { class: 'actions' },
      el('a', { class: 'button', href: `#events/${group.example}` }, 'Newest example'),
      el('a', { class: 'button', href: `#events${query({ q: group.fingerprint, kind: 'bad' })}` }, `All ${number(group.count)}`),
      el('span', { class: 'where' }, `first seen ${moment(group.first_seen)}, fingerprint ${group.fingerprint}`)));
  return el('article', { class: `group ${group.fingerprint === state.selected ? 'is-selected' : ''}`, 'data-fingerprint': group.fingerprint }, head, body);
}

export function move(by) {
  const at = state.groups.findIndex(({ fingerprint }) => fingerprint === state.selected);
  const next = state.groups[at < 0 ? 0 : Math.min(state.groups.length - 1, Math.max(0, at + by))];
  if (!next) return;
  state.selected = next.fingerprint;
  draw();
  list.querySelector('.is-selected')?.scrollIntoView({ block: 'nearest' });
}

export function openSelected() {
  if (state.selected) location.hash = state.selected === state.open ? '#bad' : `#bad/${state.selected}`;
}

export const close = () => { if (state.open) location.hash = '#bad'; };
