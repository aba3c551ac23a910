// The tests: what each tracker sends must be what the raw stream holds, event by event, and what the warehouse holds.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector } from './collector.mjs';
import { EVERY_KIND, LARGE, many } from './events.mjs';
import { EXAMPLE_NAMES, runExample } from './examples.mjs';
import { verifyBatch, verifyIdentity } from './verify.mjs';
import { verifyWarehouse } from './warehouse.mjs';

const SENDER_SECONDS_MAX = 120;
const STORED_SECONDS_MAX = 10;
const SENDERS = {
  node: [process.execPath, 'send_node.mjs'],
  python: [join(process.env.TRACKERS_HOME, 'venv/bin/python'), 'send_python.py'],
  browser: [process.execPath, 'send_browser.mjs'],
};
const LAX_COOKIE = 'collector { cookie { secure = false, sameSite = "Lax" } }\n';

const tests = [];
/** One test: the steps are batches; the steps of a browser test share one browser profile. */
const test = (name, tracker, steps, collector = 'standard') => tests.push({ name: `${tracker}: ${name}`, tracker, steps, collector });

for (const tracker of Object.keys(SENDERS)) {
  for (const method of ['post', 'get']) {
    for (const base64 of [true, false]) {
      test(`every kind of event by ${method.toUpperCase()}, ${base64 ? 'base64' : 'plain'} JSON`, tracker, [{ method, base64, events: EVERY_KIND }]);
    }
    const count = { node: 300, python: 120, browser: 60 }[tracker];
    test(`${count} events by ${method.toUpperCase()}, none missing and none twice`, tracker, [{ method, base64: true, events: many(count) }]);
  }
  test('a large event (168 kB of text) by POST', tracker, [{ method: 'post', base64: false, events: LARGE }]);
}
for (const method of ['post', 'get']) {
  test(`anonymous by ${method.toUpperCase()}`, 'node', [{ method, base64: true, anonymous: true, events: EVERY_KIND }]);
  test(`anonymous by ${method.toUpperCase()}, preflight answered`, 'browser', [{ method, base64: true, anonymous: true, preflight: true, events: EVERY_KIND }]);
}

const post = { method: 'post', base64: false, events: EVERY_KIND };
const get = { method: 'get', base64: true, events: EVERY_KIND };
test('one network user id over several pages, by POST and by GET', 'browser', [post, get, post]);
test('the same user id on a page of another site', 'browser', [{ ...post, pageHost: 'localhost' }, get]);
test('anonymous after identified leaves no trace of the user id', 'browser', [post, { ...post, anonymous: true }, { ...get, anonymous: true }]);
test('one network user id with a Lax cookie', 'browser', [{ ...post, sameSite: 'Lax' }, { ...get, sameSite: 'Lax' }], 'lax');
test('one network user id in a session with a Lax cookie', 'python', [{ ...get, keepsCookie: true }], 'lax');

const collectors = {};
let sender = null;
const folder = mkdtempSync(join(tmpdir(), 'whiteout-trackers-'));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => cleanUp().finally(() => process.exit(1)));

let passed = 0, failed = 0;
try {
  const config = join(folder, 'lax.hocon');
  writeFileSync(config, LAX_COOKIE);
  collectors.standard = { ...(await startCollector(join(folder, 'standard'))), requests: 0 };
  collectors.lax = { ...(await startCollector(join(folder, 'lax'), ['--collector-config', config])), requests: 0 };
  const wanted = tests.filter(({ name }) => name.includes(process.argv[2] ?? ''));
  const examples = EXAMPLE_NAMES.filter((name) => `example: ${name}`.includes(process.argv[2] ?? ''));
  if (wanted.length + examples.length === 0) throw new Error(`no test's name contains ${process.argv[2]}`);
  for (const each of wanted) await report(each.name, () => perform(each));
  for (const [name, collector] of Object.entries(collectors)) {
    await report(`collector (${name}): the raw streams hold every request once and nothing else`, () => verifyTotals(collector));
    await report(`pipeline (${name}): every event is in SQL or bad, once, and the analytics SDK reads its row`, () => verifyWarehouse(collector));
  }
  if (examples.length > 0) {
    const { url } = collectors.examples = await startCollector(join(folder, 'examples'));
    for (const name of examples) await report(`example: ${name}`, () => runExample(name, folder, url));
  }
} catch (error) {
  await report('the tests start', () => { throw error; });
} finally {
  await cleanUp();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function report(name, run) {
  const problems = await Promise.resolve().then(run).catch((error) => [error.stack ?? String(error)]);
  if (problems.length === 0) { passed += 1; console.log(`ok      ${name}`); return; }
  failed += 1;
  console.log(`FAILED  ${name}`);
  for (const problem of problems.slice(0, 5)) console.log(`        ${problem.replaceAll('\n', '\n        ')}`);
  if (problems.length > 5) console.log(`        … and ${problems.length - 5} more problems`);
}

/** Sends the batches of one test and compares each with its records in the stream. */
async function perform({ name, tracker, collector: which, ...test }) {
  const collector = collectors[which];
  // What a failed test left behind is the business of the last test, not of this one.
  collector.seen = (await collector.raw('raw-good')).length;
  const steps = test.steps.map((step, i) => ({ ...step, tracker, collector: collector.url, namespace: `${name} #${i + 1}` }));
  const results = tracker === 'browser' ? await send(tracker, { steps }) : [await send(tracker, steps[0])];
  const requests = results.flatMap((result) => result.requests).length;
  collector.requests += requests;
  const records = await newRecords(collector, requests);

  const problems = [];
  const batches = new Map(steps.map(({ namespace }) => [namespace, []]));
  for (const { payload } of records) {
    const namespace = namespaceOf(payload);
    if (batches.has(namespace)) batches.get(namespace).push(payload);
    else problems.push(`a record belongs to ${namespace}, which is not being tested`);
  }
  const stored = [...batches.values()];
  steps.forEach((step, i) => problems.push(...verifyBatch(step, results[i], stored[i])));
  return [...problems, ...verifyIdentity(steps, results, stored)];
}

function namespaceOf({ body, querystring }) {
  return body === undefined ? new URLSearchParams(querystring).get('tna') : JSON.parse(body).data[0].tna;
}

/** Runs a tracker in a process of its own: the task goes in as JSON, the report comes back as JSON. */
async function send(tracker, task) {
  const [program, script] = SENDERS[tracker];
  const child = spawn(program, [join(import.meta.dirname, script)], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise((resolve, reject) => child.once('error', reject).once('close', (status, signal) => resolve(signal ?? status)));
  sender = { child, ended };
  const late = setTimeout(() => child.kill('SIGTERM'), SENDER_SECONDS_MAX * 1000);
  let output = '', errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => { output += chunk; });
  child.stderr.setEncoding('utf8').on('data', (chunk) => { errors += chunk; });
  child.stdin.on('error', () => {}).end(JSON.stringify(task));
  const code = await ended;
  clearTimeout(late);
  sender = null;
  if (code !== 0) throw new Error(`the ${tracker} sender ended with ${code}: ${errors.length < 3000 ? errors : `${errors.slice(0, 1500)}\n…\n${errors.slice(-1500)}`}`);
  return JSON.parse(output);
}

/** The records since the test began: waits until as many as were sent are there. */
async function newRecords(collector, count) {
  const end = Date.now() + STORED_SECONDS_MAX * 1000;
  let records;
  do {
    records = (await collector.raw('raw-good')).slice(collector.seen);
    if (records.length < count) await new Promise((resolve) => setTimeout(resolve, 100));
  } while (records.length < count && Date.now() < end);
  return records;
}

async function verifyTotals(collector) {
  const problems = [];
  const good = await collector.raw('raw-good'), bad = await collector.raw('raw-bad');
  if (good.length !== collector.requests) problems.push(`raw-good holds ${good.length} records for ${collector.requests} requests`);
  if (new Set(good.map(({ sequence }) => sequence)).size !== good.length) problems.push('two records have the same sequence');
  if (bad.length > 0) problems.push(`raw-bad holds ${bad.length} records, the first: ${bad[0].text.slice(0, 300)}`);
  return problems;
}

async function cleanUp() {
  sender?.child.kill('SIGTERM');
  await sender?.ended.catch(() => {});
  await Promise.all(Object.values(collectors).map((collector) => collector.stop()));
  rmSync(folder, { recursive: true, force: true });
}
