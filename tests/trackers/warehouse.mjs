// Follows what the trackers sent to the end: every event is a row of the warehouse or a bad event, once.

import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { eventsOf } from './verify.mjs';

const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;
const BY_TRACKER = 'SELECT event_id, v_tracker, event FROM gitlab_events';

/** The events of the raw stream against the rows in SQL, the bad events, and the delivered objects. */
export async function verifyWarehouse(collector) {
  const problems = [];
  const sent = (await collector.raw('raw-good')).flatMap(({ payload }) => eventsOf(payload));
  const rows = query(collector.dataDir, BY_TRACKER);
  const bad = (await collector.raw('enriched-bad')).map(({ text }) => JSON.parse(text).data.payload.enriched.event_id);
  const found = [...rows.map(({ event_id: id }) => id), ...bad];
  const missing = sent.filter(({ eid }) => !found.includes(eid));
  if (missing.length > 0) problems.push(`${missing.length} of ${sent.length} events are neither in SQL nor bad, the first: ${missing[0].eid}`);
  if (found.length !== sent.length) problems.push(`${rows.length} rows and ${bad.length} bad events came of ${sent.length} events`);
  if (rows.length === 0 && sent.length > 0) problems.push('no row is in SQL');
  for (const { eid, tv } of sent) {
    const row = rows.find(({ event_id: id }) => id === eid);
    if (row && row.v_tracker !== tv) problems.push(`the row ${eid} is of ${row.v_tracker}, and was sent by ${tv}`);
  }
  const lines = await deliveredRows(collector);
  if (lines.length !== rows.length) problems.push(`${lines.length} rows were delivered, ${rows.length} are in SQL`);
  return [...problems, ...readableBySdk(lines)];
}

/** What the command `whiteout sql` answers. */
function query(dataDir, sql) {
  const { status, stdout, stderr } = spawnSync(process.env.WHITEOUT_BIN, ['sql', '--format', 'json', '--data-dir', dataDir, sql], { encoding: 'utf8', maxBuffer: OUTPUT_BYTES_MAX });
  if (status !== 0) throw new Error(`whiteout sql ended with ${status}: ${stderr}`);
  const text = stdout.trim();
  return text.startsWith('[') ? JSON.parse(text) : text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** The rows of every object that a loader would take. */
async function deliveredRows(collector) {
  const list = (await (await fetch(`${collector.url}/whiteout/objects`)).text()).split('\n').filter((line) => line !== '');
  const keys = list.map((line) => JSON.parse(line).key).filter((key) => key.startsWith('output/'));
  const texts = await Promise.all(keys.map(async (key) => {
    const response = await fetch(`${collector.url}/whiteout/objects/${key}`);
    return gunzipSync(Buffer.from(await response.arrayBuffer())).toString();
  }));
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}

/** Snowplow's analytics SDK for Python must read every delivered row. */
function readableBySdk(lines) {
  const script = `${import.meta.dirname}/../analytics_sdk/check.py`;
  const { status, stdout, stderr } = spawnSync(`${process.env.ANALYTICS_SDK}/python`, [script], { input: lines.map((line) => `${line}\n`).join(''), encoding: 'utf8', maxBuffer: OUTPUT_BYTES_MAX });
  const read = stdout?.split('\n').filter((line) => line !== '').length;
  return status === 0 && read === lines.length ? [] : [`the analytics SDK read ${read} of ${lines.length} rows: ${stderr}`];
}
