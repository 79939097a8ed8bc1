import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { type Asked, answer, page, problem } from '~/testing/api';
import { aMediaCategory, mediaLimits } from '~/testing/media';
import { lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { welcome } from '../session/session';
import { FilesPage } from './FilesPage';

const LIST = 'GET /api/v1/media-categories';
const SETTINGS = 'GET /api/v1/media-settings';
const CHANGE = 'PATCH /api/v1/media-settings';
const USAGE = 'GET /api/v1/attachments/usage';
const none = { bytes: null, files: null, today: null };
const used = { bytes: 2_097_152, files: 3, today: 1 };

async function open(table: Parameters<typeof answer>[0] = {}): Promise<Asked[]> {
  const asked = answer({
    [LIST]: page([aMediaCategory()]),
    [SETTINGS]: { body: mediaLimits },
    [USAGE]: {
      body: {
        mine: { used, allowed: none },
        organisation: { used, allowed: { ...none, bytes: 10_485_760 } },
      },
    },
    ...table,
  });
  await show(<FilesPage />, '/settings/files');
  await screen.findByRole('button', { name: 'Change “Images”' }).catch(() => null);
  return asked;
}
const sent = (asked: Asked[], method: string) => asked.find((one) => one.method === method);
const press = (name: string | RegExp) => userEvent.click(screen.getByRole('button', { name }));
async function retype(
  label: RegExp | string,
  typed: string,
  place: Pick<typeof screen, 'findByLabelText'> = screen,
) {
  const field = await place.findByLabelText(label);
  await userEvent.clear(field);
  await userEvent.type(field, typed);
}
const form = () => within(screen.getByRole('dialog'));
const save = (place: Pick<typeof screen, 'getByRole'>) =>
  userEvent.click(place.getByRole('button', { name: 'Save' }));
const endings = () => form().getByLabelText('File endings', { selector: 'input' });
const room = () => screen.findByRole('textbox', { name: 'Storage per person' });
const limits = () => within(screen.getByRole('region', { name: 'Limits per person' }));

beforeEach(() => welcome(loginOf(lea, 'admin')));

test.each([
  ['0', 'A size above 0 and up to 100 MB.'],
  ['100.5', 'A size above 0 and up to 100 MB.'],
  ['five', 'A size above 0 and up to 100 MB.'],
])('a largest size of “%s” is not sent, and what may be is said', async (typed, words) => {
  const asked = await open();
  await press('Change “Images”');
  await retype('Maximum file size', typed);
  await save(form());
  expect(screen.getByText(words)).toBeInTheDocument();
  expect(sent(asked, 'PATCH')).toBeUndefined();
});

test('a category without endings, or with one that is none, is not sent', async () => {
  const asked = await open();
  await press('New category');
  await userEvent.type(await screen.findByLabelText('Name'), 'logs');
  await save(form());
  expect(screen.getByText('Please fill this in.')).toBeInTheDocument();
  await userEvent.type(endings(), 'tar.gz ');
  await save(form());
  expect(screen.getByText('Each ending has 1 to 10 small letters or digits.')).toBeInTheDocument();
  expect(sent(asked, 'POST')).toBeUndefined();
});

test('endings that nobody may send are refused in the words of the page', async () => {
  await open({
    'PATCH /api/v1/media-categories/1': {
      status: 422,
      body: {
        ...problem(422, 'validation_failed').body,
        errors: [{ field: 'extensions', code: 'not_allowed', message: 'exe …' }],
      },
    },
  });
  await press('Change “Images”');
  await userEvent.type(endings(), '.EXE,');
  await save(form());
  expect(await screen.findByText(/Remove their endings/)).toBeInTheDocument();
});

test('a name that there is already says so', async () => {
  await open({ 'PATCH /api/v1/media-categories/1': problem(409, 'conflict') });
  await press('Change “Images”');
  await retype('Name', 'pdf');
  await save(form());
  expect(await screen.findByRole('alert')).toHaveTextContent('a category of that name already');
});

test('a colleague’s change is shown before one’s own is saved over it, and the next try builds on it', async () => {
  let now = aMediaCategory();
  const asked = await open({
    [LIST]: () => page([now]),
    'PATCH /api/v1/media-categories/1': ({ headers }) => {
      if (headers.get('if-match') === '"2"') return { body: now };
      now = aMediaCategory({ version: 2, staff_only: true });
      return problem(412, 'version_mismatch');
    },
  });
  await press('Change “Images”');
  await retype('Maximum file size', '1');
  await save(form());
  expect(await screen.findByRole('alert')).toHaveTextContent('stands here now');
  expect(screen.getByRole('switch', { name: /^Staff only/ })).toBeChecked();
  await save(form());
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const opener = screen.getByRole('button', { name: 'Change “Images”' });
  await waitFor(() => expect(opener).toHaveFocus());
  expect(asked.filter(({ method }) => method === 'PATCH')[1]?.body).toMatchObject({
    staff_only: true,
    max_bytes: 1_048_576,
  });
});

test('where another category takes larger files of the same ending, the form says which one counts', async () => {
  const large = aMediaCategory({ id: 2, name: 'prints', max_bytes: 20_971_520 });
  await open({ [LIST]: page([aMediaCategory(), large]) });
  await press('Change “Images”');
  expect(
    await screen.findByText(/\.jpg may also be sent as “prints”, up to 20\sMB/),
  ).toBeInTheDocument();
  await retype('Maximum file size', '30');
  expect(screen.queryByText(/may also be sent/)).toBeNull();
});

test('a category is made of what was typed, in bytes, and is said in words', async () => {
  const asked = await open({
    [LIST]: page([aMediaCategory({ staff_only: true, enabled: false })]),
    'POST /api/v1/media-categories': { status: 201, body: aMediaCategory({ id: 2 }) },
  });
  expect(screen.getByRole('list', { name: 'Categories' })).toHaveTextContent(
    /Not allowed · \.jpg \.png · up to 5\sMB · staff only · with previews/,
  );
  await press('New category');
  await userEvent.type(await screen.findByLabelText('Name'), 'logs');
  await userEvent.type(endings(), '.LOG ');
  await retype('Maximum file size', '0,5');
  expect(screen.getByText(/reads “at most 512 kB”/)).toBeInTheDocument();
  await save(form());
  await waitFor(() => expect(sent(asked, 'POST')).toBeDefined());
  expect(sent(asked, 'POST')?.body).toEqual({
    name: 'logs',
    extensions: ['log'],
    max_bytes: 524_288,
    previews: false,
    staff_only: false,
    enabled: true,
  });
});

test('a category is taken away after a question that says what that means', async () => {
  const asked = await open({ 'DELETE /api/v1/media-categories/1': { status: 204 } });
  await press('Remove “Images”');
  const question = await screen.findByRole('dialog', { name: 'Remove “Images”?' });
  expect(question).toHaveTextContent('refused from now on, unless another category allows them');
  await userEvent.click(within(question).getByRole('button', { name: 'Remove “Images”' }));
  await waitFor(() => expect(sent(asked, 'DELETE')?.headers.get('if-match')).toBe('"1"'));
});

test.each([
  [LIST, page([]), 'Nobody can send any file.'],
  [LIST, problem(403, 'forbidden'), 'You are not allowed to do this.'],
  [SETTINGS, problem(503, 'unavailable'), 'busy or restarting'],
  [USAGE, problem(503, 'unavailable'), 'busy or restarting'],
] as const)('%s that is empty or fails says so', async (call, reply, words) => {
  await open({ [call]: reply });
  expect(await screen.findByText(new RegExp(words))).toBeInTheDocument();
});

test('how much there is stands beside what the plan gives', async () => {
  await open();
  const used = screen.getByRole('region', { name: 'Usage' });
  await waitFor(() => expect(used).toHaveTextContent(/Storage2\sMB of 10\sMB/));
  expect(used).toHaveTextContent('Files3, no limit');
});

test.each([
  ['Storage per person', '1048577', 'A size from 0 to 1 TB.'],
  ['Most files per person', '1.5', 'A whole number from 0 to 1000000.'],
  ['Most files per person and day', '-1', 'A whole number from 0 to 100000.'],
  ['Keep the access log for', '0', 'A whole number from 1 to 120.'],
])('%s of %s is not saved, and what may be is said', async (label, typed, words) => {
  const asked = await open();
  await room();
  await retype(label, typed, limits());
  await save(limits());
  expect(screen.getByText(new RegExp(words.replace(/ /g, '\\s')))).toBeInTheDocument();
  expect(sent(asked, 'PATCH')).toBeUndefined();
});

test('only what was changed is saved, and that is said', async () => {
  const saved = { ...mediaLimits, bytes_per_user: 0 };
  const asked = await open({ [CHANGE]: { body: saved } });
  await room();
  expect(limits().getByRole('button', { name: 'Save' })).toBeDisabled();
  await retype('Storage per person', '0', limits());
  await save(limits());
  expect(await screen.findByText('Saved.')).toBeInTheDocument();
  expect(sent(asked, 'PATCH')?.body).toEqual({ bytes_per_user: 0 });
  expect(limits().getByRole('button', { name: 'Save' })).toBeDisabled();
  expect(screen.queryByRole('alert')).toBeNull();
});

test('what a colleague has set meanwhile shows, and nothing is saved until it was seen', async () => {
  let now = mediaLimits;
  const asked = await open({
    [SETTINGS]: () => ({ body: now }),
    [CHANGE]: () => ({ body: { ...now, files_per_user: 500 } }),
  });
  await room();
  now = { ...mediaLimits, uploads_a_day: 7 };
  await retype('Most files per person', '500');
  await save(limits());
  expect(await screen.findByRole('alert')).toHaveTextContent('beside what you have changed');
  expect(screen.getByLabelText('Most files per person and day')).toHaveValue('7');
  expect(screen.getByLabelText('Most files per person')).toHaveValue('500');
  expect(sent(asked, 'PATCH')).toBeUndefined();
  await save(limits());
  expect(await screen.findByText('Saved.')).toBeInTheDocument();
  expect(sent(asked, 'PATCH')?.body).toEqual({ files_per_user: 500 });
});

test('a log that is kept for a shorter time is cut only after a question', async () => {
  const saved = { ...mediaLimits, access_log_months: 3 };
  const asked = await open({ [CHANGE]: { body: saved } });
  await room();
  await retype('Keep the access log for', '3');
  await save(limits());
  const question = await screen.findByRole('dialog', { name: /for a shorter time/ });
  expect(question).toHaveTextContent('deleted for good');
  expect(sent(asked, 'PATCH')).toBeUndefined();
  await userEvent.click(within(question).getByRole('button', { name: 'Keep 3 months' }));
  await waitFor(() => expect(sent(asked, 'PATCH')?.body).toEqual({ access_log_months: 3 }));
});

test('a refusal says why, and what was typed can be saved again', async () => {
  await open({ [CHANGE]: problem(403, 'forbidden') });
  await room();
  await retype('Most files per person', '5');
  await save(limits());
  expect(await screen.findByRole('alert')).toHaveTextContent('not allowed');
  expect(screen.getByLabelText('Most files per person')).toHaveValue('5');
  await waitFor(() => expect(limits().getByRole('button', { name: 'Save' })).toBeEnabled());
});
