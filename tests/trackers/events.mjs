// The events that every tracker sends. Each carries a mark that is unique in its batch: in the title of a
// page view, in the action of a structured event, in the data of a self-describing event.

const AWKWARD = 'ä ß 東京 😀 "quoted" \\ / ? # & = + % %41 ; \' <b>\t\n\u2028 end';

const entity = (name, data) => ({ schema: `iglu:com.example/${name}/jsonschema/1-0-0`, data });
const user = entity('user', { id: 42, tags: ['a', 'b'], nested: { deep: [null, true, 1.5, ''] } });
const awkward = entity('awkward', { text: AWKWARD });

/** One event of every kind, with and without optional fields, entities and awkward characters. */
export const EVERY_KIND = [
  { kind: 'page_view', mark: 'view 1', url: 'https://shop.example/list?q=shoes&page=2#top', referrer: 'https://search.example/?q=a+b%20c', contexts: [user] },
  { kind: 'page_view', mark: `view 2 ${AWKWARD}`, url: 'https://shop.example/', contexts: [] },
  { kind: 'struct', mark: 'add', category: 'cart', label: 'sku 1', property: 'pcs', value: 12.5, contexts: [user, awkward] },
  { kind: 'struct', mark: `remove ${AWKWARD}`, category: AWKWARD, contexts: [] },
  { kind: 'self_describing', mark: 'sd 1', schema: 'iglu:com.example/order/jsonschema/2-0-1', data: { total: 99.95, lines: [{ sku: 'x', n: 1 }], none: null }, contexts: [user, user] },
  { kind: 'self_describing', mark: 'sd 2', schema: 'iglu:com.example/note/jsonschema/1-0-0', data: { [AWKWARD]: AWKWARD }, contexts: [awkward] },
];

/** One event far larger than a network packet and than the size at which trackers split their batches. */
export const LARGE = [
  { kind: 'self_describing', mark: 'large', schema: 'iglu:com.example/large/jsonschema/1-0-0', data: { text: 'größer 😀 '.repeat(12_000) }, contexts: [] },
];

/** Many small events of the three kinds in turn. */
export function many(count) {
  return Array.from({ length: count }, (_, i) => [
    { kind: 'page_view', mark: `view ${i}`, url: `https://shop.example/${i}`, contexts: [user] },
    { kind: 'struct', mark: `act ${i}`, category: 'many', value: i, contexts: [] },
    { kind: 'self_describing', mark: `sd ${i}`, schema: 'iglu:com.example/many/jsonschema/1-0-0', data: { i }, contexts: [user] },
  ][i % 3]);
}
