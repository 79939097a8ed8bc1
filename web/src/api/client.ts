import createClient from 'openapi-fetch';
import type { paths as AppPaths } from './app';
import type { paths as ControlPaths } from './control';
import { problemOf, unreachable } from './problem';

/** Who speaks: hands out the access token and gets a new one when `refused` no longer opens doors. */
export type Speaker = {
  token: () => string | null;
  renew: (refused: string) => Promise<string | null>;
};
/** Asks whoever is here to prove once more who they are; whether they did. */
export type Prover = () => Promise<boolean>;

/** How often, and for how long at most, a request waits when it was one too many. */
const PATIENCE = 2;
const LONGEST_WAIT_S = 5;

/** Where proofs go, and where else something is shown that may not fit. */
const PROOF = '/api/v1/auth/step-up';
const ME = '/api/v1/auth/me';
const PROVES = /\/auth\/(step-up|password\/change|email\/change|2fa\/(enable|disable))/;

const baseUrl = window.location.origin;

let speaker: Speaker = { token: () => null, renew: async () => null };
let prove: Prover = async () => false;

/** The session introduces itself once, at start; the transport must not import features. */
export function speakAs(someone: Speaker): void {
  speaker = someone;
}

/** Who asks for a fresh proof, where the server wants one. */
export function proveBy(someone: Prover): void {
  prove = someone;
}

/**
 * Sends with the session's token. What the server does only for somebody who has just proved who
 * they are is sent once more after the proof; without one, the refusal is the answer.
 */
export async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const first = await sendSigned(request);
  // A proof that fails is an answer of its own, and no reason to ask for a proof of the proof.
  if (request.url.includes(PROOF) || !(await wantsProof(first))) return first;
  return (await prove()) ? sendSigned(again) : first;
}

async function wantsProof(response: Response): Promise<boolean> {
  return response.status === 403 && (await codeOf(response)) === 'step_up_required';
}

/** Sends with the session's token, and once more with a fresh one when the first was refused. */
async function sendSigned(request: Request): Promise<Response> {
  const token = speaker.token();
  // A body can be read once only, so the second try needs its copy from before the first.
  const again = token ? request.clone() : request;
  const first = await sendPatiently(request, token);
  if (first.status !== 401 || !token || (await isAboutProof(request, first, token))) return first;
  const fresh = await speaker.renew(token);
  return fresh ? sendPatiently(again, fresh) : first;
}

/**
 * Whether what was shown did not fit; the token is as good as before, and another changes nothing.
 * A wrong proof and an ended session have the same code, so a question that needs no proof tells
 * them apart.
 */
async function isAboutProof(request: Request, response: Response, token: string): Promise<boolean> {
  if (!PROVES.test(request.url) || (await codeOf(response)) === 'token_expired') return false;
  const whoAmI = await sendPatiently(new Request(new URL(ME, baseUrl)), token).catch(() => null);
  return whoAmI?.status !== 401;
}

/** The code of a refusal, read from a copy so that the answer can still be read. */
async function codeOf(response: Response): Promise<string> {
  const body = await response
    .clone()
    .json()
    .catch(() => null);
  return problemOf(body, response).code;
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
