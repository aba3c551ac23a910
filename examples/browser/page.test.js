import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { serve } from './server.js';
import { Space } from './whiteout.js';

let browser, server;

before(async () => {
  server = await serve();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
});

after(async () => {
  await browser?.close();
  server?.close();
});

test('the page and a click on its button are tracked', async () => {
  const space = new Space();
  const page = await browser.newPage();
  await page.goto(`${server.url}/?collector=${encodeURIComponent(space.url)}`);
  await page.click('button');

  const events = await space.good(2);
  assert.deepEqual(events.map(({ eventType }) => eventType).sort(), ['page_view', 'struct']);
  const click = events.find(({ eventType }) => eventType === 'struct');
  assert.equal(click.event.se_label, 'buy');
  assert.equal(click.event.page_url.startsWith(server.url), true);
  assert.deepEqual(await space.counts(), { total: 2, good: 2, bad: 0 });
});
