// @vitest-environment jsdom
// The sanitiser needs a DOM that parses HTML exactly as browsers do.
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import type { Article, ArticleSection, ListedArticle } from '~/api/types';
import { answer, page, problem } from '~/testing/api';
import { chloe, lea, loginOf } from '~/testing/people';
import { show } from '~/testing/show';
import { NewTicket } from '../portal/NewTicket';
import { welcome } from '../session/session';
import { ArticlePage } from './ArticlePage';
import { HelpCentrePage } from './HelpCentrePage';
import { HelpPage } from './HelpPage';

const dated = { created_at: '2026-11-20T08:00:00Z', updated_at: '2026-11-20T08:00:00Z' } as const;
const returns: ArticleSection = {
  id: 1,
  labels: { en: 'Returns', fr: 'Retours' },
  position: 0,
  articles: 1,
  version: 1,
  ...dated,
};
const refunds: ListedArticle = {
  id: 7,
  section_id: 1,
  slug: 'refunds',
  state: 'published',
  position: 0,
  locale: 'en',
  title: 'Getting a refund',
  version: 3,
  published_at: dated.created_at,
  updated_at: dated.updated_at,
};
const whole: Article = {
  ...refunds,
  ...dated,
  locales: ['en'],
  body_html: '<p>Send it <strong>back</strong>.</p><script>alert(1)</script>',
  vote: null,
  votes: { helpful: 4, unhelpful: 1 },
  texts: [{ locale: 'en', title: 'Getting a refund', body: 'Send it **back**.', body_html: '' }],
};
const SECTIONS = 'GET /api/v1/articles/sections';
const ARTICLES = 'GET /api/v1/articles';

beforeEach(() => welcome(loginOf(chloe, 'customer')));

test('articles stand in their sections, and drafts are not among them', async () => {
  const draft = { ...refunds, id: 8, slug: 'draft', title: 'Not yet', state: 'draft' as const };
  answer({ [SECTIONS]: page([returns]), [ARTICLES]: page([refunds, draft]) });
  await show(<HelpPage />, '/help');
  const list = await screen.findByRole('list', { name: 'Returns' });
  const link = within(list).getByRole('link', { name: 'Getting a refund' });
  expect(link).toHaveAttribute('href', '/help/refunds');
  expect(screen.queryByText('Not yet')).toBeNull();
});

test('words are looked for when somebody has stopped typing, and nothing found leads to a ticket', async () => {
  const asked = answer({
    [SECTIONS]: page([returns]),
    [ARTICLES]: ({ query }) => (query.get('q') ? page([], 0) : page([refunds])),
  });
  await show(<HelpPage />, '/help');
  await userEvent.type(await screen.findByLabelText('Search the help centre'), 'dragon');
  expect(await screen.findByText('No article has these words')).toBeInTheDocument();
  expect(screen.getByRole('status')).toHaveTextContent('0 articles found');
  expect(screen.getByRole('link', { name: 'Open a ticket' })).toHaveAttribute(
    'href',
    '/tickets/new',
  );
  expect(asked.map(({ query }) => query.get('q')).filter(Boolean)).toEqual(['dragon']);
  const search = asked.find(({ query }) => query.get('q'));
  expect(search?.query.get('state'), 'a manager reads here what everybody reads').toBe('published');
});

test('a help centre that is empty or refused says so', async () => {
  answer({ [SECTIONS]: page([]), [ARTICLES]: page([]) });
  await show(<HelpPage />, '/help');
  expect(await screen.findByText('Nothing here yet')).toBeInTheDocument();
});

test('an article is read without its scripts, and says once whether it has helped', async () => {
  let vote: boolean | null = null;
  const asked = answer({
    'GET /api/v1/articles/refunds': () => ({ body: { ...whole, vote, votes: null, texts: [] } }),
    'PUT /api/v1/articles/7/vote': ({ body }) => {
      vote = (body as { helpful: boolean }).helpful;
      return { status: 204 };
    },
  });
  await show(<ArticlePage />, '/help/refunds');
  expect(await screen.findByRole('heading', { name: 'Getting a refund' })).toBeInTheDocument();
  expect(screen.getByText('back')).toBeInTheDocument();
  expect(document.querySelector('article script')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'No' }));
  expect(await screen.findByText('Thank you for your answer.')).toBeInTheDocument();
  await waitFor(() =>
    expect(screen.getByRole('button', { name: 'No' })).toHaveAttribute('aria-pressed', 'true'),
  );
  expect(asked.filter(({ method }) => method === 'PUT')).toHaveLength(1);
});

test('an article that is not there says so', async () => {
  answer({ 'GET /api/v1/articles/gone': problem(404, 'not_found') });
  await show(<ArticlePage />, '/help/gone');
  expect(await screen.findByText('This article could not be shown.')).toBeInTheDocument();
});

test('articles that may help follow the subject, open beside the ticket, and are announced', async () => {
  const asked = answer({
    'GET /api/v1/categories': page([]),
    'GET /api/v1/custom-fields': page([]),
    'GET /api/v1/articles/suggestions': { body: { data: [refunds] } },
  });
  await show(<NewTicket />, '/tickets/new');
  await userEvent.type(screen.getByLabelText('Subject'), 'My refund');
  const link = await screen.findByRole('link', { name: /Getting a refund/ });
  expect(link).toHaveAttribute('target', '_blank');
  expect(link).toHaveAccessibleName(/opens in a new tab/);
  expect(screen.getByRole('status')).toHaveTextContent('1 article may help');
  expect(screen.getByLabelText('Subject')).toHaveValue('My refund');
  screen.getByLabelText('Subject').focus();
  await userEvent.tab();
  expect(link).toHaveFocus();
  const queries = asked.filter(({ path }) => path.endsWith('/suggestions'));
  expect(queries.map(({ query }) => query.get('q'))).toEqual(['My refund']);
});

test('suggestions that cannot be fetched keep nobody from writing', async () => {
  answer({
    'GET /api/v1/categories': page([]),
    'GET /api/v1/custom-fields': page([]),
    'GET /api/v1/articles/suggestions': problem(403, 'forbidden'),
  });
  await show(<NewTicket />, '/tickets/new');
  await userEvent.type(screen.getByLabelText('Subject'), 'My refund');
  await userEvent.type(screen.getByLabelText('Description'), 'Where is it?');
  expect(screen.queryByRole('alert')).toBeNull();
});

test('an article is written in the languages that have words, with an address from its title', async () => {
  welcome(loginOf(lea, 'manager'));
  const asked = answer({
    [SECTIONS]: page([returns]),
    [ARTICLES]: page([]),
    'POST /api/v1/articles': { status: 201, body: whole },
    'POST /api/v1/articles/preview': { body: { body_html: '<p>Envoyez-le.</p>' } },
  });
  await show(<HelpCentrePage />, '/settings/help');
  await screen.findByText('No articles yet');
  await screen.findByText('1 article');
  await userEvent.click(screen.getByRole('button', { name: 'New article' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Save' }));
  expect(screen.getByText(/in one language at least/)).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText('Title (Français)'), 'Être remboursé');
  await userEvent.type(screen.getByLabelText('Text (Français)'), 'Envoyez-le.');
  expect(screen.getByLabelText('Address')).toHaveValue('etre-rembourse');
  await userEvent.click(screen.getByRole('button', { name: 'Preview (Français)' }));
  const preview = await screen.findByRole('region', { name: 'Preview (Français)' });
  expect(preview).toHaveTextContent('Envoyez-le.');
  await userEvent.selectOptions(screen.getByLabelText('Status'), 'Published');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const sent = asked.find(({ method, path }) => method === 'POST' && path === '/api/v1/articles');
  expect(sent?.body).toEqual({
    section_id: 1,
    slug: 'etre-rembourse',
    state: 'published',
    position: 0,
    texts: [{ locale: 'fr', title: 'Être remboursé', body: 'Envoyez-le.' }],
  });
  expect(sent?.headers.get('idempotency-key')).toBeTruthy();
});

test('a change builds on the version that was loaded, and keeps the address when the title is another', async () => {
  welcome(loginOf(lea, 'manager'));
  const asked = answer({
    [SECTIONS]: page([returns]),
    [ARTICLES]: page([refunds]),
    'GET /api/v1/articles/7': { body: whole },
    'PATCH /api/v1/articles/7': problem(412, 'version_mismatch'),
  });
  await show(<HelpCentrePage />, '/settings/help');
  await userEvent.click(await screen.findByRole('button', { name: 'Change “Getting a refund”' }));
  await userEvent.type(await screen.findByLabelText('Title (English)'), '!');
  expect(screen.getByText('helpful 4 · not helpful 1')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Somebody else has changed this');
  const sent = asked.find(({ method }) => method === 'PATCH');
  expect(sent?.headers.get('if-match')).toBe('"3"');
  expect(sent?.body).toMatchObject({
    slug: 'refunds',
    texts: [{ title: 'Getting a refund!' }],
  });
});

/** The article as somebody else has left it, or what it was before. */
const at = (version: number, title: string): Article => ({
  ...whole,
  version,
  title,
  texts: [{ locale: 'en', title, body: 'Text.', body_html: '' }],
});

const opens = async () =>
  userEvent.click(await screen.findByRole('button', { name: 'Change “Getting a refund”' }));

test('an editor that is opened again holds the text of the version that it builds on', async () => {
  welcome(loginOf(lea, 'manager'));
  let now = at(3, 'Mine');
  const asked = answer({
    [SECTIONS]: page([returns]),
    [ARTICLES]: page([refunds]),
    'GET /api/v1/articles/7': () => ({ body: now }),
    'PATCH /api/v1/articles/7': { body: whole },
  });
  await show(<HelpCentrePage />, '/settings/help');
  await opens();
  expect(await screen.findByLabelText('Title (English)')).toHaveValue('Mine');
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  now = at(4, 'Theirs');
  await opens();
  const title = await screen.findByLabelText('Title (English)');
  expect(title).toHaveValue('Theirs');
  await userEvent.type(title, '!');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const sent = asked.find(({ method }) => method === 'PATCH');
  expect(sent?.headers.get('if-match')).toBe('"4"');
  expect(sent?.body).toMatchObject({ texts: [{ title: 'Theirs!' }] });
});

test('whoever was overtaken overwrites nothing by saving again, only after they have seen the other text', async () => {
  welcome(loginOf(lea, 'manager'));
  let now = at(3, 'Mine');
  const asked = answer({
    [SECTIONS]: page([returns]),
    [ARTICLES]: page([refunds]),
    'GET /api/v1/articles/7': () => ({ body: now }),
    'PATCH /api/v1/articles/7': ({ headers }) =>
      headers.get('if-match') === '"4"' ? { body: whole } : problem(412, 'version_mismatch'),
  });
  const saves = () => userEvent.click(screen.getByRole('button', { name: 'Save' }));
  const built = () =>
    asked.filter(({ method }) => method === 'PATCH').map(({ headers }) => headers.get('if-match'));
  await show(<HelpCentrePage />, '/settings/help');
  await opens();
  await userEvent.type(await screen.findByLabelText('Title (English)'), '!');
  now = at(4, 'Theirs');
  const lists = () => asked.filter(({ path }) => path === '/api/v1/articles').length;
  const before = lists();
  await saves();
  await screen.findByRole('alert');
  await waitFor(() => expect(lists()).toBeGreaterThan(before));
  await saves();
  await waitFor(() => expect(built()).toEqual(['"3"', '"3"']));
  expect(screen.getByLabelText('Title (English)')).toHaveValue('Mine!');
  await userEvent.click(await screen.findByRole('button', { name: 'Load it anew' }));
  await waitFor(() => expect(screen.getByLabelText('Title (English)')).toHaveValue('Theirs'));
  await saves();
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(built()).toEqual(['"3"', '"3"', '"4"']);
});

test('an article that cannot be fetched for a change says so in a dialog that can be left', async () => {
  welcome(loginOf(lea, 'manager'));
  answer({
    [SECTIONS]: page([returns]),
    [ARTICLES]: page([refunds]),
    'GET /api/v1/articles/7': problem(503, 'unavailable'),
  });
  await show(<HelpCentrePage />, '/settings/help');
  await opens();
  const dialog = within(await screen.findByRole('dialog', { name: 'Change the article' }));
  expect(await dialog.findByRole('alert')).toHaveTextContent('busy or restarting');
  await userEvent.click(dialog.getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});
