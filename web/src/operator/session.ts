import { useSyncExternalStore } from 'react';
import { control, door, proveBy, speakAs, unwrap } from '~/api/client';
import type { Operator, OperatorLogin, OperatorNext } from '~/api/types';
import { answerProof, askForProof } from '~/features/session/stepUp';

/**
 * Who sits at the desk. The token is in memory alone: whoever reloads the page or opens another tab
 * signs in again. `ended`: somebody was here until the server or the clock said no.
 */
export type Desk = { state: 'nobody'; ended: boolean } | { state: 'operator'; operator: Operator };

/** A second factor that is owed, or has to be set up first. */
export type Due = { kind: 'challenge' | 'enrolment'; token: string };

const LOGOUT = '/api/v1/operator/auth/logout';

let desk: Desk = { state: 'nobody', ended: false };
let token: string | null = null;
let left: () => void = () => {};
const listeners = new Set<() => void>();

/** Connects the transport to the desk. Called once, before anything is drawn; `onLeave` forgets what was read. */
export function startDesk(onLeave: () => void): void {
  left = onLeave;
  // Nothing renews an operator's token; one that was refused may have been replaced meanwhile.
  speakAs({ token: () => token, renew: async (refused) => renewed(refused) });
  proveBy(askForProof);
}

function renewed(refused: string): string | null {
  if (token !== null && token !== refused) return token;
  leave(true);
  return null;
}

/** The first factor; the answer says what is owed next. */
export async function checkPassword(email: string, password: string): Promise<Due> {
  const body = { email, password };
  return dueOf(await unwrap(door.POST('/api/v1/operator/auth/login', { body })));
}

function dueOf(next: OperatorNext): Due {
  return 'challenge_token' in next
    ? { kind: 'challenge', token: next.challenge_token }
    : { kind: 'enrolment', token: next.enrolment_token };
}

/** The second factor. */
export function checkCode(challenge_token: string, code: string): Promise<OperatorLogin> {
  const body = { challenge_token, code };
  return unwrap(door.POST('/api/v1/operator/auth/2fa/verify', { body }));
}

/** A new secret for whoever has no second factor yet. */
export function setUp(enrolment: string) {
  return unwrap(door.POST('/api/v1/operator/auth/2fa/setup', { headers: bearer(enrolment) }));
}

/** The first code of that secret. */
export function enable(enrolment: string, code: string): Promise<OperatorLogin> {
  const headers = bearer(enrolment);
  return unwrap(door.POST('/api/v1/operator/auth/2fa/enable', { body: { code }, headers }));
}

/** Starts the session that both factors have opened. A session that it replaces ends. */
export function welcome(login: OperatorLogin): void {
  const before = token;
  token = login.access_token;
  become({ state: 'operator', operator: login.operator });
  if (before) void door.POST(LOGOUT, { headers: bearer(before) }).catch(() => {});
}

/** Ends the session; `ended` when it was not the operator's wish. */
export async function signOut(ended = false): Promise<void> {
  // Whoever wants to be out is out here even if the server cannot be told.
  await unwrap(control.POST(LOGOUT, {})).catch(() => {});
  leave(ended);
}

/** The desk for components; they draw anew when somebody comes or goes. */
export function useDesk(): Desk {
  return useSyncExternalStore(subscribe, () => desk);
}

/** The operator of a page that only operators reach. */
export function useOperator(): Operator {
  const now = useDesk();
  if (now.state !== 'operator') throw new Error('this page needs an operator');
  return now.operator;
}

function leave(ended: boolean): void {
  token = null;
  answerProof(false);
  if (desk.state === 'nobody') return;
  become({ state: 'nobody', ended });
  left();
}

function become(next: Desk): void {
  desk = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function bearer(shown: string): { Authorization: string } {
  return { Authorization: `Bearer ${shown}` };
}
