// Starts and stops a local pipeline and reads its streams.

import { spawn } from 'node:child_process';
import { decodeCollectorPayload } from './thrift.mjs';

const START_SECONDS_MAX = 30;
const STOP_SECONDS_MAX = 10;

/** Starts the pipeline on a free port over a folder and waits for its line `started at http://…`. */
export async function startCollector(dataDir, extraArguments = []) {
  const args = ['local', '--port', '0', '--data-dir', dataDir, ...extraArguments];
  const child = spawn(process.env.WHITEOUT_BIN, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let log = '';
  const url = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the collector was not ready after ${START_SECONDS_MAX} s:\n${log}`)), START_SECONDS_MAX * 1000);
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      log = (log + chunk).slice(-20_000);
      const ready = /started at (http:\/\/127\.0\.0\.1:\d+)/.exec(log);
      if (ready) { clearTimeout(late); resolve(ready[1]); }
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => { clearTimeout(late); reject(new Error(`the collector ended with ${signal ?? code} before it was ready:\n${log}`)); });
  }).catch((error) => { child.kill('SIGKILL'); throw error; });

  return {
    url,
    dataDir,
    log: () => log,
    raw: (stream) => readStream(url, stream),
    async stop() {
      child.kill('SIGTERM');
      const forced = setTimeout(() => child.kill('SIGKILL'), STOP_SECONDS_MAX * 1000);
      await exited;
      clearTimeout(forced);
    },
  };
}

/** All records of a stream, oldest first; `payload` is decoded for raw-good only. */
async function readStream(url, stream) {
  const response = await fetch(`${url}/whiteout/streams/${stream}`);
  if (!response.ok) throw new Error(`GET /whiteout/streams/${stream} answered ${response.status}`);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { sequence, partitionKey, data } = JSON.parse(line);
    const bytes = Buffer.from(data, 'base64');
    return { sequence, partitionKey, ...(stream === 'raw-good' ? { payload: decodeCollectorPayload(bytes) } : { text: bytes.toString() }) };
  });
}
