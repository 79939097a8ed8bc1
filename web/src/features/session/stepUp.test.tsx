import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { control, unwrap } from '~/api/client';
import { answer, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { StepUpDialog } from '../account/StepUpDialog';
import { currentPerson, startSession, welcome } from './session';
import { answerProof, askForProof, startStepUp, useAsked } from './stepUp';

const FACTORS = 'GET /api/v1/auth/2fa';
const PROVE = 'POST /api/v1/auth/step-up';
const has = (totp: boolean) => ({
  body: { totp, passkeys: 0, recovery_codes_left: totp ? 10 : 0, required: false },
});

/** The dialog where the page has it: there as long as somebody is asked. */
function Host() {
  return useAsked() ? <StepUpDialog /> : null;
}

beforeEach(() => {
  answerProof(false);
  welcome(loginOf(lea, 'admin'));
  startStepUp();
});

test('two requests that want a proof share one question', async () => {
  const [one, two] = [askForProof(), askForProof()];
  answerProof(true);
  expect(await Promise.all([one, two])).toEqual([true, true]);
  const three = askForProof();
  answerProof(false);
  expect(await three).toBe(false);
});

test('with an app its code is asked for; the refused request is then sent again', async () => {
  let proved = false;
  const asked = answer({
    [FACTORS]: has(true),
    'DELETE /api/v1/api-keys/7': () =>
      proved ? { status: 204 } : problem(403, 'step_up_required'),
    [PROVE]: ({ body }) => {
      proved = (body as { code: string }).code === '123456';
      return proved ? { status: 204 } : problem(401, 'unauthenticated');
    },
  });
  await show(<Host />);
  const done = unwrap(control.DELETE('/api/v1/api-keys/{id}', { params: { path: { id: 7 } } }));
  await userEvent.type(await screen.findByLabelText('Six-digit code'), '000000');
  expect(await screen.findByRole('alert')).toHaveTextContent('This code is not right');
  await userEvent.type(screen.getByLabelText('Six-digit code'), '123456');
  await done;
  expect(asked.filter(({ method }) => method === 'DELETE')).toHaveLength(2);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('without a second factor it is the password', async () => {
  const asked = answer({ [FACTORS]: has(false), [PROVE]: { status: 204 } });
  await show(<Host />);
  const proved = askForProof();
  await userEvent.type(await screen.findByLabelText('Password'), 'correct horse{Enter}');
  expect(await proved).toBe(true);
  expect(asked.at(-1)?.body).toEqual({ password: 'correct horse' });
});

test('whoever closes the dialog has not proved anything', async () => {
  answer({ [FACTORS]: has(false) });
  await show(<Host />);
  const proved = askForProof();
  await screen.findByLabelText('Password');
  await userEvent.click(screen.getByRole('button', { name: 'Close' }));
  expect(await proved).toBe(false);
});

test('with the session the question ends, and a revoked one is no wrong password', async () => {
  answer({
    [FACTORS]: has(false),
    [PROVE]: problem(401, 'unauthenticated'),
    'GET /api/v1/auth/me': problem(401, 'unauthenticated'),
    'POST /api/v1/auth/refresh': problem(401, 'unauthenticated'),
  });
  startSession();
  await show(<Host />);
  const proved = askForProof();
  await userEvent.type(await screen.findByLabelText('Password'), 'correct horse{Enter}');
  expect(await proved).toBe(false);
  expect(currentPerson()).toBeNull();
});
