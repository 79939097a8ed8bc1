import { door, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { LoggedIn } from '~/api/types';

/** Renewed this long before it ends, so that no request ever meets the end. */
const MARGIN_MS = 60_000;
/** All tabs share one refresh cookie that is good for one use: they take turns. */
const LOCK = 'hd-refresh';

type Outcome = LoggedIn | 'signed_out';

let access: string | null = null;
let inFlight: Promise<string | null> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let heard: (outcome: Outcome) => void = () => {};

/** The access token. It lives here and nowhere else: no storage that a script could read later. */
export function token(): string | null {
  return access;
}

/** Tells the session what became of a renewal. */
export function onRenewal(listener: (outcome: Outcome) => void): void {
  heard = listener;
}

/** Takes the token of a login and plans its renewal. */
export function keep(login: LoggedIn): void {
  access = login.access_token;
  clearTimeout(timer);
  const due = Math.max(login.expires_in * 1000 - MARGIN_MS, login.expires_in * 500);
  timer = setTimeout(() => renew().catch(() => retryLater()), due);
}

export function forget(): void {
  access = null;
  clearTimeout(timer);
}

/**
 * A new token for the refresh cookie; null when the session is over. Whoever asks while one is
 * under way waits for that one: a second use of the same cookie would look like theft to the server.
 */
export function renew(): Promise<string | null> {
  inFlight ??= inTurn(exchange).finally(() => {
    inFlight = null;
  });
  return inFlight;
}

async function exchange(): Promise<string | null> {
  try {
    const login = await unwrap(door.POST('/api/v1/auth/refresh', { body: {} }));
    keep(login);
    heard(login);
    return login.access_token;
  } catch (problem) {
    // Only a refusal ends the session. Silence or a busy server says nothing about it.
    if (!(problem instanceof ApiError) || ![401, 403].includes(problem.status)) throw problem;
    forget();
    heard('signed_out');
    return null;
  }
}

/** The token may still be good for a minute; a sleeping laptop or a restart is tried again. */
function retryLater(): void {
  timer = setTimeout(() => renew().catch(() => retryLater()), 15_000);
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? await navigator.locks.request(LOCK, work) : work();
}
