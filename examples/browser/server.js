// Serves the page, its script and the tracker on a free port.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const TRACKER = fileURLToPath(import.meta.resolve('@snowplow/browser-tracker')).replace(/[^/]*$/, 'index.umd.min.js');
const PAGE = '<!doctype html><title>Shop</title><button>Buy</button><script src="/tracker.js"></script><script src="/page.js"></script>';

export async function serve() {
  const files = {
    '/': ['text/html', PAGE],
    '/page.js': ['text/javascript', await readFile(new URL('page.js', import.meta.url))],
    '/tracker.js': ['text/javascript', await readFile(TRACKER)],
  };
  const server = createServer((request, response) => {
    const [type, body] = files[new URL(request.url, 'http://127.0.0.1').pathname] ?? ['text/plain', ''];
    response.setHeader('Content-Type', `${type}; charset=utf-8`).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
