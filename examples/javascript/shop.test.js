import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Shop } from './shop.js';
import { Space } from './whiteout.js';

test('a purchase is tracked with its item and price', async () => {
  const space = new Space();
  const shop = new Shop(space.url);
  shop.buy('shoes', 59.5);
  await shop.close();

  const [event] = await space.good();
  assert.equal(event.eventType, 'struct');
  assert.equal(event.event.app_id, 'shop');
  assert.deepEqual(
    [event.event.se_category, event.event.se_action, event.event.se_label, event.event.se_value],
    ['checkout', 'buy', 'shoes', 59.5],
  );
  assert.deepEqual(await space.counts(), { total: 1, good: 1, bad: 0 });
});

test('a link that is followed fits its schema', async () => {
  const space = new Space();
  const shop = new Shop(space.url);
  shop.follow('https://shop.example/socks');
  await shop.close();

  const [event] = await space.good();
  assert.equal(event.schema, 'iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1');
});

test('a link without an address is a bad event', async () => {
  const space = new Space();
  const shop = new Shop(space.url);
  shop.follow(undefined);
  await shop.close();

  const [event] = await space.bad();
  assert.match(event.errors.join(), /targetUrl/);
  assert.deepEqual(await space.counts(), { total: 1, good: 0, bad: 1 });
});
