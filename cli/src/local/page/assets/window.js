// A list of which only the rows in sight exist, so that its length costs nothing.

import { el } from './dom.js';

const BESIDE = 8;

export class WindowedList {
  /** `draw(item, row)` fills a row; `more()` is called near the end. */
  constructor({ label, rowHeight, draw, open, more }) {
    Object.assign(this, { rowHeight, draw, open, more });
    this.items = [];
    this.selected = null;
    this.rows = el('div', { class: 'rows' });
    this.element = el('div', { class: 'list', role: 'listbox', 'aria-label': label, tabindex: '0' }, this.rows);
    this.element.addEventListener('scroll', () => this.schedule(), { passive: true });
    new ResizeObserver(() => this.schedule()).observe(this.element);
    this.element.addEventListener('click', (event) => {
      const row = event.target.closest('[data-id]');
      if (row) { this.select(Number(row.dataset.id)); this.open(this.selected); }
    });
  }

  /** Shows other items. Rows that were added before the first one in sight push nothing away. */
  show(items) {
    const first = this.items[0]?.id;
    const added = first === undefined ? 0 : items.findIndex((item) => item.id === first);
    const keeps = added > 0 && this.element.scrollTop > 0;
    this.items = items;
    this.rows.style.height = `${items.length * this.rowHeight}px`;
    if (keeps) this.element.scrollTop += added * this.rowHeight;
    this.schedule();
  }

  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => { this.scheduled = false; this.render(); });
  }

  render() {
    const { scrollTop, clientHeight } = this.element;
    const from = Math.max(0, Math.floor(scrollTop / this.rowHeight) - BESIDE);
    const to = Math.min(this.items.length, Math.ceil((scrollTop + clientHeight) / this.rowHeight) + BESIDE);
    const kept = new Map([...this.rows.children].map((row) => [row.dataset.id, row]));
    const rows = [];
    for (let index = from; index < to; index += 1) {
      const item = this.items[index];
      let row = kept.get(String(item.id));
      if (!row || row.item !== item) {
        row = el('div', { class: 'row', role: 'option', id: `row-${item.id}`, 'data-id': String(item.id) });
        row.item = item;
        this.draw(item, row);
      }
      row.style.top = `${index * this.rowHeight}px`;
      row.setAttribute('aria-selected', String(item.id === this.selected));
      row.setAttribute('aria-posinset', String(index + 1));
      row.setAttribute('aria-setsize', String(this.items.length));
      rows.push(row);
    }
    this.rows.replaceChildren(...rows);
    if (to > this.items.length - BESIDE && clientHeight > 0) this.more();
  }

  /** Marks an item without opening it. */
  select(id) {
    this.selected = id;
    if (id === null) this.element.removeAttribute('aria-activedescendant');
    else this.element.setAttribute('aria-activedescendant', `row-${id}`);
    this.schedule();
  }

  /** Marks the next or the previous item and brings it into sight. */
  move(by) {
    if (this.items.length === 0) return;
    const at = this.items.findIndex((item) => item.id === this.selected);
    const next = at < 0 ? 0 : Math.min(this.items.length - 1, Math.max(0, at + by));
    this.select(this.items[next].id);
    const top = next * this.rowHeight, { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + this.rowHeight > scrollTop + clientHeight) this.element.scrollTop = top + this.rowHeight - clientHeight;
  }
}
