// What tests need of `whiteout local`: a space of their own, and the events in it.

import { randomUUID } from 'node:crypto';

const BASE = process.env.WHITEOUT_URL ?? 'http://127.0.0.1:9090';

export class Space {
  url = `${BASE}/whiteout/space/${randomUUID()}`;

  /** The good events, newest first, once there are so many. */
  good(count = 1) {
    return this.#get(`good?count=${count}&wait=5`);
  }

  /** The bad events, newest first, once there are so many. */
  bad(count = 1) {
    return this.#get(`bad?count=${count}&wait=5`);
  }

  /** How many events there are: `{total, good, bad}`. */
  counts() {
    return this.#get('all');
  }

  async #get(path) {
    const response = await fetch(`${this.url}/micro/${path}`);
    if (!response.ok) throw new Error(`/micro/${path} answered ${response.status}`);
    return response.json();
  }
}
