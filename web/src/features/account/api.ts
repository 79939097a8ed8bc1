import { control, door, unwrap } from '~/api/client';
import type { LoginAnswer } from '~/api/types';
import { makePasskey } from '../passkeys/webauthn';

/**
 * On whose behalf a second factor is set up: of the session, or of somebody who may do nothing else
 * yet and shows the token that came instead of one.
 */
export type Holder = { enrolment: string } | 'session';

function speech(holder: Holder) {
  return holder === 'session'
    ? { client: control, headers: {} }
    : { client: door, headers: { Authorization: `Bearer ${holder.enrolment}` } };
}

/** What there is after a factor was set up: recovery codes to keep, and perhaps a session. */
export type Enrolled = { codes: string[]; login: LoginAnswer | null };

function enrolled(answer: { recovery_codes?: string[] | null; access_token?: string }): Enrolled {
  const login = answer.access_token ? (answer as unknown as LoginAnswer) : null;
  return { codes: answer.recovery_codes ?? [], login };
}

/** A new secret for an authenticator app; nothing counts before its first code came back. */
export function setUpTotp(holder: Holder) {
  const { client, headers } = speech(holder);
  return unwrap(client.POST('/api/v1/auth/2fa/setup', { headers }));
}

export async function enableTotp(holder: Holder, code: string): Promise<Enrolled> {
  const { client, headers } = speech(holder);
  return enrolled(
    await unwrap(client.POST('/api/v1/auth/2fa/enable', { body: { code }, headers })),
  );
}

/** Makes a passkey with this device or key, and lets the server know it under a name. */
export async function addPasskey(holder: Holder, name: string): Promise<Enrolled> {
  const { client, headers } = speech(holder);
  const { ceremony, options } = await unwrap(
    client.POST('/api/v1/auth/passkeys/register/start', { body: { name }, headers }),
  );
  const credential = await makePasskey(options);
  return enrolled(
    await unwrap(
      client.POST('/api/v1/auth/passkeys/register/finish', {
        body: { ceremony, credential },
        headers,
      }),
    ),
  );
}
