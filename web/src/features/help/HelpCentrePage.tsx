import { Anchor, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, unwrap } from '~/api/client';
import type { ArticleSection, ListedArticle } from '~/api/types';
import { languageOf } from '~/i18n';
import { IconCategory, IconLifebuoy } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Collection } from '../arrange/Collection';
import { labelOf } from '../arrange/label';
import { ArticleForm } from './ArticleForm';
import { articleList, HELP, sectionList } from './queries';
import { SectionForm } from './SectionForm';

/** Where the help centre is written: its sections, and the articles in them. */
export function HelpCentrePage() {
  const { t } = useTranslation('arrange');
  useTitle(t('articles.title'));
  return (
    <>
      <h1 className={page.title}>{t('articles.title')}</h1>
      <p className={page.intro}>{t('articles.intro')}</p>
      <Sections />
      <Articles />
    </>
  );
}

function Sections() {
  const { t, i18n } = useTranslation('arrange');
  const row = (section: ArticleSection) => ({
    name: labelOf(section, i18n.language),
    said: t('sections.count', { count: section.articles }),
    remove: () =>
      unwrap(
        app.DELETE('/api/v1/articles/sections/{section}', {
          params: { path: { section: section.id } },
          headers: ifVersion(section.version),
        }),
      ),
  });
  return (
    <Collection
      of="sections"
      icon={IconCategory}
      list={useQuery(sectionList)}
      lists={[HELP]}
      row={row}
      form={(section, onClose) => <SectionForm section={section} onClose={onClose} />}
    />
  );
}

function Articles() {
  const { t, i18n } = useTranslation('arrange');
  const [isArchive, setIsArchive] = useState(false);
  const { data: sections = [] } = useQuery(sectionList);
  function row(article: ListedArticle) {
    const section = sections.find(({ id }) => id === article.section_id);
    const said = [
      t(`articles.${article.state}`),
      ...(section ? [labelOf(section, i18n.language)] : []),
    ];
    return {
      name: article.title,
      mark: (
        <Anchor href={`/help/${article.slug}`} target="_blank" rel="noopener" size="sm">
          {t('articles.open')}
        </Anchor>
      ),
      said: said.join(' · '),
      remove: article.state === 'archived' ? null : () => archived(article),
    };
  }
  return (
    <>
      <Collection
        of="articles"
        icon={IconLifebuoy}
        list={useQuery(articleList(languageOf([i18n.language]), isArchive))}
        lists={[HELP]}
        row={row}
        form={(article, onClose) => (
          <ArticleForm id={article?.id ?? null} sections={sections} onClose={onClose} />
        )}
      />
      <NativeSelect
        mt={12}
        label={t('articles.which')}
        value={isArchive ? 'archived' : 'current'}
        onChange={({ currentTarget: { value } }) => setIsArchive(value === 'archived')}
        data={[
          { value: 'current', label: t('articles.current') },
          { value: 'archived', label: t('articles.put_away') },
        ]}
      />
    </>
  );
}

const archived = (article: ListedArticle) =>
  unwrap(
    app.DELETE('/api/v1/articles/{article}', {
      params: { path: { article: String(article.id) } },
      headers: ifVersion(article.version),
    }),
  );
