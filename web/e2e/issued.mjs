// What the browser's tests were given, or gave, and nobody else may read: they write it beside what the other tests have
// issued (scripts/client/issued.py), and tests/e2e/test_traces.py looks for all of it where it must not be.
import { appendFileSync } from 'node:fs';

const SENT = ['password', 'new_password', 'current_password', 'refresh_token', 'token'];
const PROOFS = ['recovery_code', 'client_secret'];
const GIVEN = ['access_token', 'refresh_token', 'challenge_token', 'enrolment_token', 'token'];
const SHOWN = ['key', 'secret', 'recovery_codes'];
const COOKIE = /^[\w-]*hd_(?:refresh|device|sso)=([^;]+)/gm;
const LEAST = 12;
const seen = new Set();

/** Remembers one, or a list of them, where the stack under test has a folder. */
export function note(kind, secret) {
  const folder = process.env.HD_LOCAL_DIR;
  for (const text of [secret].flat()) {
    if (!folder || typeof text !== 'string' || text.length < LEAST || seen.has(text)) continue;
    seen.add(text);
    const line = `${JSON.stringify({ kind: `browser's ${kind}`, text })}\n`;
    appendFileSync(`${folder}/issued.jsonl`, line, { mode: 0o600 });
  }
}

/** Remembers what a window's pages send, and what they are answered. Tickets and messages hold none. */
export function listen(context) {
  const concerns = (url) => url.includes('/api/v1/') && !/\/(tickets|live)/.test(url);
  context.on('request', (request) => {
    if (concerns(request.url())) noteAll(request.postData(), [...SENT, ...PROOFS]);
  });
  context.on('response', async (response) => {
    if (!concerns(response.url())) return;
    // A page that goes elsewhere takes its answers along.
    const headers = await response.allHeaders().catch(() => ({}));
    for (const [, text] of (headers['set-cookie'] ?? '').matchAll(COOKIE)) note('cookie', text);
    if (!headers['content-type']?.includes('json')) return;
    noteAll(await response.text().catch(() => null), [...GIVEN, ...SHOWN]);
  });
}

function noteAll(text, names) {
  if (!text?.startsWith('{')) return;
  const body = JSON.parse(text);
  for (const name of names) note(name, body[name]);
}
