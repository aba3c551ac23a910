// The page: which view is in sight, and who hears of new events.

import { listen, space } from './api.js';
import * as bad from './bad.js';
import { byId } from './dom.js';
import * as events from './events.js';
import { drawHeader, refreshCounts, showCounts, showState } from './header.js';
import { setUpKeyboard } from './keyboard.js';
import * as objects from './objects.js';
import * as playground from './playground.js';
import * as send from './send.js';
import * as sql from './sql.js';

const views = { events, bad, playground, sql, send, objects };
const tabs = [...document.querySelectorAll('[role=tab]')];
let current = 'events';

/** `#events/12?q=text` -> the view, what is shown in it, and its parameters. */
function place() {
  const [path, query = ''] = location.hash.slice(1).split('?');
  const [name, ...rest] = path.split('/');
  const text = rest.join('/') || null;
  return { name: name in views ? name : 'events', text, parameters: new URLSearchParams(query) };
}

function route() {
  const { name, text, parameters } = place();
  if (name !== current) views[current].hide?.();
  current = name;
  for (const tab of tabs) {
    const isCurrent = tab.hash === `#${name}`;
    tab.setAttribute('aria-selected', String(isCurrent));
    tab.tabIndex = isCurrent ? 0 : -1;
    byId(tab.getAttribute('aria-controls')).hidden = !isCurrent;
    if (isCurrent) document.title = `${tab.textContent} – Whiteout${space ? ` (${space})` : ''}`;
  }
  const id = /^\d+$/.test(text ?? '') ? Number(text) : null;
  views[name].show(name === 'bad' ? text : id, parameters);
}

drawHeader();
for (const view of Object.values(views)) view.setUp();
setUpKeyboard(() => views[current], {
  tabs,
  togglePause: events.togglePause,
  focusFilter: () => { if (current !== 'events') location.hash = '#events'; setTimeout(events.focusFilter); },
});
// The address of the skip link is none of a view.
document.querySelector('.skip').addEventListener('click', (event) => { event.preventDefault(); byId('main').focus(); });
addEventListener('hashchange', route);
route();
refreshCounts();
listen((news) => {
  showCounts(news.counts);
  refreshCounts();
  events.hear(news);
  bad.hear(news);
  objects.hear(news);
}, showState);
