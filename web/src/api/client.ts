import createClient from 'openapi-fetch';
import type { paths as AppPaths } from './app';
import type { paths as ControlPaths } from './control';
import { problemOf, unreachable } from './problem';

/** Who speaks: hands out the access token and gets a new one when it no longer opens doors. */
export type Speaker = { token: () => string | null; renew: () => Promise<string | null> };

/** How often, and for how long at most, a request waits when it was one too many. */
const PATIENCE = 2;
const LONGEST_WAIT_S = 5;

let speaker: Speaker = { token: () => null, renew: async () => null };

/** The session introduces itself once, at start; the transport must not import features. */
export function speakAs(someone: Speaker): void {
  speaker = someone;
}

/** Sends with the session's token, and once more with a fresh one when the first was refused. */
export async function send(request: Request): Promise<Response> {
  const token = speaker.token();
  // A body can be read once only, so the second try needs its copy from before the first.
  const again = token ? request.clone() : request;
  const first = await sendPatiently(request, token);
  if (first.status !== 401 || !token) return first;
  const fresh = await speaker.renew();
  return fresh ? sendPatiently(again, fresh) : first;
}

/**
 * Sends, and waits where the server asks for patience: what it turned away with a 429 it has not
 * looked at, so sending it again does nothing twice.
 */
async function sendPatiently(request: Request, token: string | null): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    const again = request.clone();
    const response = await transmit(request, token);
    const seconds = Number(response.headers.get('retry-after') ?? 1);
    if (response.status !== 429 || tries > PATIENCE || !(seconds <= LONGEST_WAIT_S))
      return response;
    // Everybody who was turned away in the same moment would otherwise come back in the same moment.
    await new Promise((resolve) => setTimeout(resolve, 1000 * (seconds + Math.random())));
    request = again;
  }
}

async function transmit(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  try {
    return await globalThis.fetch(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw unreachable(cause);
  }
}

const baseUrl = window.location.origin;

/** The control plane, for somebody who is signed in. */
export const control = createClient<ControlPaths>({ baseUrl, fetch: send });
/** The control plane before there is a session: its 401 means what it says and renews nothing. */
export const door = createClient<ControlPaths>({ baseUrl, fetch: (r) => transmit(r, null) });
/** The app plane: tickets and what belongs to them. */
export const app = createClient<AppPaths>({ baseUrl, fetch: send });

/** The answer's body, or the problem thrown. */
export async function unwrap<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemOf(error, response);
  return data as T;
}

/** Headers that make a creating POST safe to send twice. */
export function once(key: string): { 'Idempotency-Key': string } {
  return { 'Idempotency-Key': key };
}

/** Header that refuses the change if somebody else changed the thing meanwhile. */
export function ifVersion(version: number): { 'If-Match': string } {
  return { 'If-Match': `"${version}"` };
}
