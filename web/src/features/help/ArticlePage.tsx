import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Article } from '~/api/types';
import { languageOf, NAMES } from '~/i18n';
import { ErrorState } from '~/ui/ErrorState';
import page from '~/ui/page.module.css';
import { fullTime } from '~/ui/time';
import { useTitle } from '~/ui/useTitle';
import { Body } from '../messages/Body';
import { articleNamed } from './queries';
import { Vote } from './Vote';

/** The article of the address. */
export function ArticlePage() {
  const { t, i18n } = useTranslation('help');
  const { article: name = '' } = useParams({ strict: false });
  const article = useQuery(articleNamed(name, languageOf([i18n.language])));
  useTitle(article.data?.title ?? t('title'));
  return (
    <>
      <p>
        <Link to="/help">{t('back')}</Link>
      </p>
      {article.isError && (
        <ErrorState
          title={t('gone')}
          error={article.error}
          onRetry={() => void article.refetch()}
        />
      )}
      {article.isPending && <p role="status">{t('loading')}</p>}
      {article.data && <Read article={article.data} />}
    </>
  );
}

function Read({ article }: { article: Article }) {
  const { t, i18n } = useTranslation('help');
  const { title, body_html, locale, updated_at } = article;
  return (
    <article className={page.card}>
      <h1 className={page.title} lang={locale}>
        {title}
      </h1>
      {locale !== languageOf([i18n.language]) && (
        <p className={page.dim}>{t('other_language', { language: NAMES[locale] })}</p>
      )}
      <div lang={locale}>
        <Body html={body_html} text="" />
      </div>
      <p className={page.dim}>{t('updated', { when: fullTime(updated_at, i18n.language) })}</p>
      <Vote article={article} />
      <Button component={Link} to="/tickets/new" variant="default" size="sm" mt={16}>
        {t('ask')}
      </Button>
    </article>
  );
}
