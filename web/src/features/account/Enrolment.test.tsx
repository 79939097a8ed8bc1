import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { answer, problem } from '~/testing/api';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { Enrolment } from './Enrolment';

const SETUP = 'POST /api/v1/auth/2fa/setup';
const ENABLE = 'POST /api/v1/auth/2fa/enable';
const secret = {
  secret: 'ABCDEFGHIJKLMNOP',
  otpauth_url: 'otpauth://totp/Helpdeskly:lea',
  qr_code: 'data:image/png;base64,AAAA',
};
const codes = ['aaaa-1111', 'bbbb-2222'];

async function enrol(table: Parameters<typeof answer>[0]) {
  const asked = answer({ [SETUP]: { body: secret }, ...table });
  const onDone = vi.fn(async () => {});
  const onRestart = vi.fn();
  await show(<Enrolment token="enr0l" onDone={onDone} onRestart={onRestart} />);
  return { asked, onDone, onRestart };
}

test('the picture, the key and the app’s first code; every request shows the token', async () => {
  const login = { ...loginOf(lea, 'admin'), recovery_codes: codes };
  const { asked, onDone } = await enrol({ [ENABLE]: { body: login } });
  expect(await screen.findByRole('img', { name: /QR code/ })).toHaveAttribute(
    'src',
    secret.qr_code,
  );
  expect(screen.getByText('ABCD EFGH IJKL MNOP')).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText('Code of the app'), '123456');
  expect(await screen.findByText('aaaa-1111')).toBeInTheDocument();
  expect(onDone).not.toHaveBeenCalled();
  expect(asked.map(({ headers }) => headers.get('authorization'))).toEqual([
    'Bearer enr0l',
    'Bearer enr0l',
  ]);
});

test('one goes on only after saying that the recovery codes are kept', async () => {
  const login = { ...loginOf(lea, 'admin'), recovery_codes: codes };
  const { onDone } = await enrol({ [ENABLE]: { body: login } });
  await userEvent.type(await screen.findByLabelText('Code of the app'), '123456');
  const goOn = await screen.findByRole('button', { name: 'Continue' });
  expect(goOn).toBeDisabled();
  await userEvent.click(screen.getByLabelText('I have saved these codes'));
  await userEvent.click(goOn);
  await waitFor(() => expect(onDone).toHaveBeenCalledWith(login));
});

test('a wrong code is said, and another can be typed', async () => {
  const { onDone } = await enrol({ [ENABLE]: problem(401, 'unauthenticated') });
  await userEvent.type(await screen.findByLabelText('Code of the app'), '123456');
  expect(await screen.findByRole('alert')).toHaveTextContent('Check the clock of your phone');
  expect(screen.getByLabelText('Code of the app')).toHaveValue('');
  expect(onDone).not.toHaveBeenCalled();
});

test('a token that is too old leads back to the beginning', async () => {
  const { onRestart } = await enrol({ [SETUP]: problem(401, 'unauthenticated') });
  await screen.findByRole('alert');
  await userEvent.click(screen.getByRole('button', { name: 'Start again' }));
  expect(onRestart).toHaveBeenCalled();
});
