import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ArticleSection, ListedArticle } from '~/api/types';
import { languageOf } from '~/i18n';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconLifebuoy, IconSearch } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { labelOf } from '../arrange/label';
import classes from './Help.module.css';
import { articleList, articlesWith, sectionList } from './queries';

const PAUSE = 250;
const LONGEST = 255;

/** The help centre: its articles by section, or those that have certain words. */
export function HelpPage() {
  const { t } = useTranslation('help');
  const [typed, setTyped] = useState('');
  const [paused] = useDebouncedValue(typed.trim(), PAUSE);
  useTitle(t('title'));
  return (
    <>
      <h1 className={page.title}>{t('title')}</h1>
      <p className={page.intro}>{t('intro')}</p>
      <search>
        <TextInput
          type="search"
          aria-label={t('search')}
          placeholder={t('search')}
          leftSection={<IconSearch size={16} aria-hidden="true" />}
          autoComplete="off"
          maxLength={LONGEST}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </search>
      {typed.trim() && paused ? <Found q={paused} /> : <Sections />}
    </>
  );
}

function Found({ q }: { q: string }) {
  const { t, i18n } = useTranslation('help');
  const found = useQuery({
    ...articlesWith(q, languageOf([i18n.language])),
    placeholderData: keepPreviousData,
  });
  if (found.isError) return <Failed error={found.error} onRetry={() => void found.refetch()} />;
  const articles = found.data?.data ?? [];
  return (
    <div className={classes.sections} aria-busy={found.isPending}>
      <p role="status" className={page.dim}>
        {found.data && t('found', { count: found.data.page.total ?? articles.length })}
      </p>
      {found.data && articles.length === 0 && (
        <EmptyState title={t('nothing')} text={t('nothing_text')}>
          <Button component={Link} to="/tickets/new">
            {t('ask')}
          </Button>
        </EmptyState>
      )}
      {articles.length > 0 && <Articles articles={articles} label={t('title')} />}
    </div>
  );
}

function Sections() {
  const { t, i18n } = useTranslation('help');
  const sections = useQuery(sectionList);
  const articles = useQuery(articleList(languageOf([i18n.language])));
  const error = sections.error ?? articles.error;
  if (error) {
    const again = () => void Promise.all([sections.refetch(), articles.refetch()]);
    return <Failed error={error} onRetry={again} />;
  }
  if (!sections.data || !articles.data) {
    return <p role="status">{t('loading')}</p>;
  }
  const filled = sections.data
    .map((section) => ({ section, of: publishedIn(section, articles.data) }))
    .filter(({ of }) => of.length > 0);
  if (filled.length === 0) {
    return (
      <EmptyState
        icon={<IconLifebuoy size={24} stroke={1.5} />}
        title={t('none')}
        text={t('none_text')}
      />
    );
  }
  return (
    <div className={classes.sections}>
      {filled.map(({ section, of }) => {
        const name = labelOf(section, i18n.language);
        return (
          <section key={section.id} className={page.card}>
            <h2 className={page.heading}>{name}</h2>
            <Articles articles={of} label={name} />
          </section>
        );
      })}
    </div>
  );
}

/** Whoever keeps articles sees drafts where they are written, and here what everybody sees. */
function publishedIn(section: ArticleSection, articles: ListedArticle[]): ListedArticle[] {
  return articles.filter(
    ({ section_id, state }) => section_id === section.id && state === 'published',
  );
}

function Articles({ articles, label }: { articles: ListedArticle[]; label: string }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {articles.map(({ id, slug, title, locale }) => (
        <li key={id}>
          <Link to="/help/$article" params={{ article: slug }} lang={locale}>
            {title}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation('help');
  return <ErrorState title={t('error')} error={error} onRetry={onRetry} />;
}
