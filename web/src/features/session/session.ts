import { useSyncExternalStore } from 'react';
import { control, door, speakAs, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { LoggedIn, LoginAnswer, SessionUser } from '~/api/types';
import { followLocale } from '~/i18n';
import { forget, keep, onRenewal, renew, token } from './token';

/** Who is using this page. `unknown` until the refresh cookie has been tried. */
export type Session =
  | { state: 'unknown' }
  | { state: 'nobody' }
  | { state: 'person'; user: SessionUser };

let session: Session = { state: 'unknown' };
const listeners = new Set<() => void>();
/** Other tabs of this helpdesk: a logout in one is a logout in all. */
const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('hd-session');

/** Connects the transport to the session. Called once, before anything is drawn. */
export function startSession(): void {
  speakAs({ token, renew: () => renew().catch(() => null) });
  onRenewal((outcome) => (outcome === 'signed_out' ? leave() : enter(outcome)));
  tabs?.addEventListener('message', (event) => {
    if (event.data !== 'left') return;
    forget();
    leave();
  });
}

/** Finds out who is here; asks the server only the first time. Throws when it cannot be reached. */
export async function whoIsHere(): Promise<Session> {
  if (session.state === 'unknown') {
    await renew().catch((problem) => {
      // An address without an organisation has no session either; the page says so itself.
      if (problem instanceof ApiError && problem.status === 404) return leave();
      throw problem;
    });
  }
  return session;
}

/** Tries address and password; the answer says whether that was all. */
export async function signIn(email: string, password: string): Promise<LoginAnswer> {
  return unwrap(door.POST('/api/v1/auth/login', { body: { email, password, client: 'browser' } }));
}

/** Starts the session that an answer of the control plane has opened. */
export function welcome(login: LoggedIn): void {
  keep(login);
  enter(login);
}

export async function signOut(): Promise<void> {
  // The person wants to be out here even if the server cannot be told.
  await unwrap(control.POST('/api/v1/auth/logout', {})).catch(() => {});
  forget();
  leave();
  tabs?.postMessage('left');
}

/** The session for components; they draw anew when it changes. */
export function useSession(): Session {
  return useSyncExternalStore(subscribe, () => session);
}

/** The person of a page that only signed-in people reach. */
export function usePerson(): SessionUser {
  const current = useSession();
  if (current.state !== 'person') throw new Error('this page needs somebody signed in');
  return current.user;
}

/** The id of whoever is signed in. */
export function currentPerson(): number | null {
  return session.state === 'person' ? session.user.id : null;
}

/** Calls back whenever the session changes. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function enter(login: LoggedIn): void {
  const same = session.state === 'person' && session.user.id === login.user.id;
  become({ state: 'person', user: login.user });
  if (!same) void followLocale(localeOf(login.user));
}

function leave(): void {
  if (session.state !== 'nobody') become({ state: 'nobody' });
}

function become(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

function localeOf(user: SessionUser): string | undefined {
  return 'locale' in user && typeof user.locale === 'string' ? user.locale : undefined;
}

/** Whether this person works in the console; everybody else is in the portal. */
export function isStaff(user: Pick<SessionUser, 'role'>): boolean {
  return user.role !== 'customer';
}
