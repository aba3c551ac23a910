// Sends batches of events with the browser tracker in headless Chromium, one page load per batch in one
// browser profile; prints what went over the wire as JSON.
// Input (stdin): {steps: [{collector, namespace, method, base64, anonymous, pageHost, events}]}.
// Output, per step: {userAgent, origin, acknowledged, requests, preflights, cookie}.

import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(`${process.env.TRACKERS_HOME}/`);
const { chromium } = require('playwright-core');

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--no-proxy-server', '--disable-dev-shm-usage',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

// Distributions differ in whether a cookie may cross sites; the tests need one answer.
const PREFERENCES = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };

const { steps } = JSON.parse(readFileSync(0, 'utf8'));
const files = {
  '/': ['text/html', await readFile(new URL('page.html', import.meta.url))],
  '/tracker.js': ['text/javascript', await readFile(require.resolve('@snowplow/browser-tracker'))],
};

// The page has its own server on its own port, so every request to the collector crosses origins.
const server = createServer((request, response) => {
  const file = files[new URL(request.url, 'http://page').pathname];
  response.writeHead(file ? 200 : 404, { 'Content-Type': file?.[0] ?? 'text/plain' }).end(file?.[1]);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const profile = await mkdtemp(join(tmpdir(), 'whiteout-browser-'));
try {
  await mkdir(join(profile, 'Default'));
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(PREFERENCES));
  const browser = await chromium.launchPersistentContext(profile, { executablePath: process.env.CHROMIUM, headless: true, args: FLAGS });
  try {
    const results = [];
    for (const step of steps) results.push(await perform(browser, step));
    process.stdout.write(JSON.stringify(results));
  } finally {
    await browser.close();
  }
} finally {
  server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

async function perform(browser, step) {
  const page = await browser.newPage();
  const finished = [], preflights = [];
  page.on('requestfinished', (request) => { if (request.url().startsWith(step.collector)) finished.push(request); });
  const devtools = await browser.newCDPSession(page);
  await devtools.send('Network.enable');
  devtools.on('Network.responseReceived', ({ type, response }) => {
    if (type === 'Preflight') preflights.push({ url: response.url, status: response.status });
  });

  const origin = `http://${step.pageHost ?? '127.0.0.1'}:${server.address().port}`;
  await page.goto(`${origin}/`);
  const acknowledged = await page.evaluate((task) => send(task), step);
  const userAgent = await page.evaluate(() => navigator.userAgent);

  const requests = await Promise.all(finished.map(async (request) => {
    const response = await request.response();
    const headers = await response.allHeaders();
    return {
      method: request.method(), url: request.url(), body: request.postDataBuffer()?.toString() ?? null, status: response.status(),
      allowOrigin: headers['access-control-allow-origin'], allowCredentials: headers['access-control-allow-credentials'],
    };
  }));
  const cookie = (await browser.cookies(step.collector)).find(({ name }) => name === 'sp') ?? null;
  await page.close();
  return { userAgent, origin, acknowledged, requests, preflights, cookie };
}
