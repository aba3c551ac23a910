// Asks the pipeline, in the space that the page's address names.

const found = /^(\/whiteout\/space\/([^/]+))(\/.*)?$/.exec(location.pathname);

/** The name of the space; empty for the one of everybody. */
export const space = found ? found[2] : '';
/** What stands before every path of this space. */
export const base = found ? found[1] : '';
/** The page's own path, without a space. */
const own = found ? found[3] || '/' : location.pathname;

/** The page of another space. */
export const pageOf = (name) => (name === '' ? own : `/whiteout/space/${encodeURIComponent(name)}${own}`);

async function answered(response) {
  const answer = await response.json().catch(() => ({ error: `the answer ${response.status} is no JSON` }));
  if (!response.ok) throw new Error(answer.error ?? `the answer was ${response.status}`);
  return answer;
}

/** Reads something. */
export async function get(path, signal) {
  return answered(await fetch(`${base}/whiteout/api/${path}`, { signal }));
}

/** Asks with a body. */
export async function post(path, body, signal) {
  const headers = { 'Content-Type': 'application/json' };
  return answered(await fetch(`${base}/whiteout/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body), signal }));
}

/** Hears of new events until the page is closed. */
export function listen(onNews, onState) {
  const source = new EventSource(`${base}/whiteout/api/live`);
  source.addEventListener('open', () => onState(true));
  source.addEventListener('error', () => onState(false));
  source.addEventListener('news', (message) => onNews(JSON.parse(message.data)));
  return source;
}

/** Query strings without empty values. */
export function query(values) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, value);
  }
  return parameters.size ? `?${parameters}` : '';
}

/** A command that sends an event into this space. */
export const curl = (parameters = 'e=pv&p=web&tv=curl&aid=gitlab&page=Hello') => `curl '${location.origin}${base}/i?${parameters}'`;
