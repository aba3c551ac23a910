// The tests: each uses the page of a pipeline of its own space, and ends with a page that logged no error and asked nobody else.

import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector } from '../trackers/collector.mjs';
import { launch, open } from './browser.mjs';
import { drawAll } from './screenshots.mjs';

const XSS = '<img src=x onerror=alert(1)><script>alert(2)</script>';
const tests = [];
const test = (name, run) => tests.push({ name, run });

/** Fills the form under Send and sends. */
export async function send(page, values) {
  await page.click('#tab-send');
  for (const [name, value] of Object.entries(values)) {
    if (name === 'kind') await page.selectOption('#send-kind', value);
    else await page.fill(`#send-${name}`, value);
  }
  await page.click('#send-button');
  await page.waitForFunction(() => document.querySelector('#send-told').textContent.includes('answered with'));
  return page.textContent('#send-told');
}

const count = (page, stage, value) => page.waitForFunction(
  ([name, text]) => document.querySelector(`[data-stage=${name}] .count`).textContent === text, [stage, value]);

const hasNoScrollbar = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

test('an empty pipeline says what to do next', async ({ page, space }) => {
  for (const view of ['events', 'bad', 'objects']) {
    await page.click(`#tab-${view}`);
    const command = await page.textContent(`#view-${view} .command`);
    assert.match(command, new RegExp(`^curl 'http://127.0.0.1:\\d+/whiteout/space/${space}/i\\?`), view);
  }
});

test('an event sent by the form appears, and its pseudonymized form is shown', async ({ page }) => {
  assert.match(await send(page, { kind: 'page_view', app: 'gitlab', user: 'joe@example.com', title: 'Cart' }), /1 sent, answered with 200/);
  await page.click('#tab-events');
  await page.click('#view-events .row');
  const user = page.locator('#values tr', { has: page.locator('th', { hasText: /^user_id$/ }) });
  await user.waitFor();
  const [raw, enriched, treated, rule] = await user.locator('td').allTextContents();
  assert.equal(raw, 'uid=joe@example.com');
  assert.equal(enriched, 'joe@example.com');
  assert.match(treated, /^[0-9a-f]{64}$|^p1/);
  assert.match(rule, /pseudonym.*line \d+/);
  // What stays as it is shows on demand.
  const app = page.locator('#values tr', { has: page.locator('th', { hasText: /^app_id$/ }) });
  assert.equal(await app.isVisible(), false);
  await page.check('#all-values');
  assert.equal(await app.isVisible(), true);
  assert.match(await page.textContent('#event .facts'), /output\/.*\.gz/);
  await count(page, 'good', '1');
  await count(page, 'delivered', '1');
  await count(page, 'loaded', '1');
});

test('every kind of event of the form comes out as it says', async ({ page }) => {
  const options = await page.locator('#send-kind option').evaluateAll((all) => all.map(({ value, textContent }) => [value, textContent.includes('bad event')]));
  assert.equal(options.length, 8);
  for (const [kind] of options) await send(page, { kind });
  await count(page, 'good', String(options.filter(([, isBad]) => !isBad).length));
  await count(page, 'bad', String(options.filter(([, isBad]) => isBad).length));
});

test('a bad event shows its cause and remedy', async ({ page }) => {
  await send(page, { kind: 'violation' });
  await page.click('#tab-bad');
  await page.click('.group-head');
  await page.waitForSelector('.group-body');
  const said = await page.textContent('.group-body');
  assert.match(said, /type-mismatch|constraint/);
  assert.match(said, /What to do: \S+/);
  assert.match(said, /link_click/);
  await page.click('.group-body a:text("Newest example")');
  await page.waitForSelector('#event .cause');
  assert.match(await page.textContent('#event .cause'), /What to do: /);
  assert.match(await page.textContent('#event'), /Bad row as delivered/);
  await page.click('#tab-bad');
  await page.click('.group-head');
  await page.click('.group-body a:text("All 1")');
  await page.waitForFunction(() => document.querySelectorAll('#view-events .row').length === 1);
});

test('a query is answered, and a wrong one explained', async ({ page }) => {
  await send(page, { kind: 'struct', app: 'gitlab_stg' });
  await count(page, 'loaded', '1');
  await page.click('#tab-sql');
  await page.fill('#sql-text', 'SELECT app_id, se_action FROM events');
  await page.press('#sql-text', 'Control+Enter');
  await page.waitForSelector('#view-sql td');
  assert.deepEqual(await page.locator('#view-sql td').allTextContents(), ['gitlab_stg', 'add']);
  assert.match(await page.textContent('#sql-told'), /^1 row /);
  await page.fill('#sql-text', 'CREATE TABLE more (x)');
  await expectConsoleError(page, () => page.click('#sql-run'));
  await page.waitForSelector('#sql-told.is-wrong');
  assert.match(await page.textContent('#sql-told'), /only a query that reads/);
  for (const example of await page.locator('#sql-examples option').all()) {
    await page.selectOption('#sql-examples', await example.getAttribute('value'));
    await page.waitForFunction(() => /^(the first )?[\d,]+ rows? /.test(document.querySelector('#sql-told').textContent));
  }
});

test('the playground shows what an edit leaks, and where a mistake is', async ({ page }) => {
  await send(page, { kind: 'page_view', user: 'joe@example.com' });
  await page.click('#tab-playground');
  await page.waitForFunction(() => document.querySelector('#verdict').textContent.includes('The same as the policy in use'));
  const policy = await page.inputValue('#policy');
  const edited = policy.replace(/^classes:$/m, "classes:\n  anything: {regex: '[ -~]{0,64}'}").replace(/^( +user_id:) \{pseudonymize: user\}$/m, '$1 {keep: anything}');
  assert.notEqual(edited, policy);
  await page.fill('#policy', `${edited}\n`);
  await page.waitForFunction(() => document.querySelector('#verdict').textContent !== '' && !document.querySelector('#verdict').textContent.includes('The same'));
  const verdict = await page.textContent('#verdict');
  if (await page.locator('#verdict.is-wrong').count()) assert.fail(`${verdict}: ${await page.textContent('#problems')}`);
  await page.waitForSelector('#view-playground tr.is-leak');
  assert.match(await page.textContent('#view-playground tr.is-leak'), /user_id.*leaks.*joe@example\.com/);
  await page.fill('#policy', `${policy}\nnonsense: 1\ncolumns_too: 2\n`);
  await page.waitForSelector('#verdict.is-wrong');
  assert.ok(await page.locator('#problems li').count() >= 2);
  const line = Number(/line (\d+)/.exec(await page.textContent('#problems li'))[1]);
  assert.equal(await page.textContent('.gutter .is-wrong >> nth=0'), String(line));
  await page.click('#policy-back');
  await page.waitForFunction(() => document.querySelector('#verdict').textContent.includes('The same as the policy in use'));
});

test('the keyboard is enough', async ({ page }) => {
  await send(page, { kind: 'struct', count: '3' });
  await page.click('#tab-send');
  await page.locator('#send-told').click();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('1');
  await page.waitForFunction(() => document.querySelectorAll('#view-events .row').length === 3);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.querySelectorAll('#view-events .row')[1].getAttribute('aria-selected') === 'true');
  await page.keyboard.press('k');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#values');
  assert.match(page.url(), /#events\/\d+$/);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('#values'));
  await page.keyboard.press('/');
  await page.waitForFunction(() => document.activeElement.id === 'filter');
  await page.keyboard.type('no such text');
  await page.waitForFunction(() => document.querySelector('#view-events .empty'));
  await page.keyboard.press('Escape');
  assert.notEqual(await page.evaluate(() => document.activeElement.id), 'filter');
  await page.keyboard.press('?');
  await page.waitForSelector('#help[open]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('#help', { state: 'hidden' });
  await page.focus('#tab-events');
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('#tab-bad[aria-selected=true]');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'tab-bad');
});

test('a list that is paused stands still and tells what waits', async ({ page, address }) => {
  await send(page, { kind: 'struct' });
  await page.click('#tab-events');
  await page.waitForSelector('#view-events .row');
  await page.click('#pause');
  await fetch(`${address}/i?e=pv&p=web&aid=later`);
  await page.waitForFunction(() => document.querySelector('#events-told').textContent.includes('paused, 1 new'));
  assert.equal(await page.locator('#view-events .row').count(), 1);
  await page.click('#pause');
  await page.waitForFunction(() => document.querySelectorAll('#view-events .row').length === 2);
});

test('10,000 events are listed, of which only those in sight exist', async ({ page }) => {
  await send(page, { kind: 'struct', count: '10000' });
  await count(page, 'good', '10,000');
  await page.click('#tab-events');
  await page.waitForFunction(() => document.querySelector('#events-told').textContent.includes('10,000 events'));
  await page.waitForSelector('#view-events .row');
  // To the end, as often as older ones come.
  await page.waitForFunction(() => {
    const list = document.querySelector('#view-events .list');
    list.scrollTop = list.scrollHeight;
    return list.querySelector('.row[aria-posinset="10000"]') !== null;
  }, null, { polling: 100, timeout: 60_000 });
  assert.ok(await page.locator('#view-events .row').count() < 100);
  await page.click('#view-events .row[aria-posinset="10000"]');
  await page.waitForSelector('#values');
});

test('what events hold stays text', async ({ page }) => {
  await send(page, { kind: 'page_view', app: XSS, title: XSS, user: XSS });
  await send(page, { kind: 'violation', app: XSS, title: XSS, user: XSS });
  for (const nth of [0, 1, 2]) {
    await page.click('#tab-events');
    await page.waitForFunction(() => document.querySelectorAll('#view-events .row').length === 3);
    await page.locator('#view-events .row').nth(nth).click();
    await page.waitForSelector('#values');
    await page.check('#all-values');
    for (const summary of await page.locator('#event summary').all()) await summary.click();
    assert.ok((await page.textContent('#event')).includes('<img src=x'));
  }
  for (const view of ['bad', 'playground', 'sql', 'objects', 'events']) {
    await page.click(`#tab-${view}`);
    await page.waitForTimeout(200);
  }
  assert.equal(await page.locator('main img, main script, .top img').count(), 0);
});

test('no view scrolls sideways, in both themes and at two widths', async ({ page, browser, address }) => {
  await send(page, { kind: 'gitlab' });
  await send(page, { kind: 'violation' });
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [375, 1280]) {
      const other = await open(browser, `${address}/`, { width, colorScheme });
      for (const view of ['events', 'bad', 'playground', 'sql', 'send', 'objects']) {
        await other.page.click(`#tab-${view}`);
        await other.page.waitForTimeout(150);
        assert.ok(await hasNoScrollbar(other.page), `${view} at ${width} px`);
      }
      await other.page.click('#tab-bad');
      await other.page.click('.group-head');
      await other.page.click('.group-body .button >> nth=0');
      await other.page.waitForSelector('#values');
      assert.ok(await hasNoScrollbar(other.page), `a bad event at ${width} px`);
      assert.deepEqual(other.problems, []);
      await other.close();
    }
  }
});

test('the theme is remembered', async ({ page }) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.click('#theme');
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.reload();
  assert.equal(await ground(), dark);
});

test('a space shows its own events and nobody else’s', async ({ page, address, space }) => {
  await send(page, { kind: 'struct' });
  await count(page, 'good', '1');
  await page.selectOption('#space', ' ');
  await page.fill('#new-space-name', `${space}-other`);
  await page.click('#new-space-form .primary');
  await page.waitForURL(`**/whiteout/space/${space}-other/**`);
  await page.click('#tab-events');
  await page.waitForSelector('#view-events .empty');
  await fetch(`${address}-other/i?e=pv&p=web&aid=gitlab_sm`);
  await page.waitForFunction(() => document.querySelectorAll('#view-events .row').length === 1);
  await page.click('#tab-sql');
  await page.fill('#sql-text', 'SELECT app_id FROM events');
  await page.click('#sql-run');
  await page.waitForSelector('#view-sql td');
  assert.deepEqual(await page.locator('#view-sql td').allTextContents(), ['gitlab_sm']);
});

test('a delivered object can be downloaded', async ({ page }) => {
  await send(page, { kind: 'page_view' });
  await page.click('#tab-objects');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#view-objects td a')]);
  assert.match(download.suggestedFilename(), /^whiteout-output-.*\.gz$/);
  const { gunzipSync } = await import('node:zlib');
  const { readFileSync } = await import('node:fs');
  assert.equal(gunzipSync(readFileSync(await download.path())).toString().split('\t').length, 131);
});

/** Chromium itself logs an answer that is an error; here it is wanted. */
async function expectConsoleError(page, act) {
  const [message] = await Promise.all([page.waitForEvent('console', (each) => each.type() === 'error'), act()]);
  expected.add(`console: ${message.text()}`);
}

const expected = new Set();
const folder = mkdtempSync(join(tmpdir(), 'whiteout-page-'));
let passed = 0, failed = 0, collector, browser;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => cleanUp().finally(() => process.exit(1)));
try {
  collector = await startCollector(join(folder, 'data'));
  browser = await launch();
  const wanted = tests.filter(({ name }) => name.includes(process.argv[2] ?? ''));
  if (wanted.length === 0) throw new Error(`no test's name contains ${process.argv[2]}`);
  for (const [index, each] of wanted.entries()) await perform(each, `test-${index}`);
  if (process.env.SCREENSHOTS) await drawAll(browser, `${collector.url}/whiteout/space/pictures`, process.env.SCREENSHOTS);
} catch (error) {
  failed += 1;
  console.log(`FAILED  the tests start\n        ${error.stack}`);
} finally {
  await cleanUp();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function perform({ name, run }, space) {
  const address = `${collector.url}/whiteout/space/${space}`;
  const opened = await open(browser, `${address}/`);
  expected.clear();
  try {
    await run({ ...opened, browser, address, space });
    const problems = opened.problems.filter((problem) => !expected.has(problem));
    assert.deepEqual(problems, []);
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${String(error.stack).replaceAll('\n', '\n        ')}\n        ${opened.problems.join('\n        ')}`);
  } finally {
    await opened.close();
  }
}

async function cleanUp() {
  await browser?.close().catch(() => {});
  await collector?.stop();
  rmSync(folder, { recursive: true, force: true });
}
