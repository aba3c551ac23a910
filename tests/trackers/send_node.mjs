// Sends one batch of events with the Node tracker; prints what went over the wire as JSON.
// Input (stdin): {collector, namespace, method, base64, anonymous, events}. Output: {userAgent, acknowledged, requests}.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.TRACKERS_HOME}/`);
const { newTracker, buildPageView, buildStructEvent, buildSelfDescribingEvent } = require('@snowplow/node-tracker');

const task = JSON.parse(readFileSync(0, 'utf8'));
const acknowledged = [], requests = [], failures = [];

async function recordingFetch(request) {
  const { method, url } = request;
  const body = method === 'POST' ? await request.clone().text() : null;
  const response = await fetch(request);
  requests.push({ method, url, body, status: response.status });
  return response;
}

const tracker = newTracker({ namespace: task.namespace, appId: 'node-app', encodeBase64: task.base64 }, {
  endpoint: task.collector,
  eventMethod: task.method,
  serverAnonymization: task.anonymous,
  customFetch: recordingFetch,
  onRequestSuccess: (payloads) => acknowledged.push(...payloads),
  onRequestFailure: (failure) => failures.push(failure),
});

function build(event) {
  const { mark, url, referrer, category, label, property, value, schema, data } = event;
  switch (event.kind) {
    case 'page_view': return buildPageView({ pageUrl: url, pageTitle: mark, referrer });
    case 'struct': return buildStructEvent({ category, action: mark, label, property, value });
    case 'self_describing': return buildSelfDescribingEvent({ event: { schema, data: { ...data, mark } } });
    default: throw new Error(`unknown kind ${event.kind}`);
  }
}

for (const event of task.events) tracker.track(build(event), event.contexts);

// A flush does nothing while another one runs, so ask until every event is acknowledged.
const end = Date.now() + 30_000;
while (acknowledged.length < task.events.length && failures.length === 0 && Date.now() < end) {
  await tracker.flush();
  await new Promise((resolve) => setTimeout(resolve, 10));
}
if (failures.length > 0) throw new Error(`the collector refused events: ${failures[0].status} ${failures[0].message}`);
process.stdout.write(JSON.stringify({ userAgent: 'node', acknowledged, requests }));
