// Draws every view, for people who look whether it looks right.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open } from './browser.mjs';
import { send } from './tests.mjs';

const VIEWS = ['events', 'event', 'bad', 'group', 'playground', 'sql', 'send', 'objects'];

/** One file for each view, theme and width. */
export async function drawAll(browser, address, folder) {
  mkdirSync(folder, { recursive: true });
  await fill(browser, address);
  for (const colorScheme of ['light', 'dark']) {
    for (const [width, height] of [[1280, 800], [375, 760]]) {
      const { page, close } = await open(browser, `${address}/`, { width, height, colorScheme });
      for (const view of VIEWS) {
        await show(page, view);
        await page.screenshot({ path: join(folder, `${view}-${colorScheme}-${width}.png`) });
      }
      await close();
    }
  }
}

async function fill(browser, address) {
  const { page, close } = await open(browser, `${address}/`);
  const round = [['struct', '9', 'gitlab'], ['page_ping', '3', 'gitlab_sm'], ['violation', '2', 'gitlab'], ['link_click', '2', 'gitlab_sm'], ['page_view', '1', 'gitlab'], ['gitlab', '1', 'gitlab_dedicated']];
  const rest = [['bad_body', '2', 'gitlab'], ['scanner', '1', ''], ['page_ping', '1', 'gitlab'], ['link_click', '1', 'gitlab'], ['page_view', '1', 'gitlab']];
  for (const [kind, count, app] of [...round, ...round, ...round, ...rest]) {
    await send(page, { kind, count, app });
    await page.waitForTimeout(400);
  }
  await page.waitForTimeout(1500);
  await close();
}

async function show(page, view) {
  const tab = { event: 'events', group: 'bad' }[view] ?? view;
  await page.click(`#tab-${tab}`);
  if (view === 'event') {
    await page.waitForSelector('#view-events .row');
    await page.locator('#view-events .row').first().click();
    await page.waitForSelector('#values');
  }
  if (view === 'group') await page.click('.group-head');
  if (view === 'playground') {
    await page.waitForTimeout(500);
    await page.fill('#policy', (await page.inputValue('#policy')).replace(/^classes:$/m, "classes:\n  anything: {regex: '[ -~]{0,64}'}").replace(/^( +user_id:) \{pseudonymize: user\}$/m, '$1 {keep: anything}'));
    await page.waitForTimeout(800);
  }
  if (view === 'sql') {
    await page.selectOption('#sql-examples', { index: 1 });
    await page.waitForSelector('#view-sql td');
  }
  await page.waitForTimeout(400);
}
