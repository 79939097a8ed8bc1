import { Alert, Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, once, unwrap } from '~/api/client';
import { ApiError } from '~/api/problem';
import type { Article, ArticleSection, SaveArticle } from '~/api/types';
import { useOnceKey } from '~/api/useOnceKey';
import { LANGUAGES, languageOf } from '~/i18n';
import { Outstanding } from '~/ui/Outstanding';
import page from '~/ui/page.module.css';
import { FormDialog } from '../arrange/FormDialog';
import { labelOf } from '../arrange/label';
import { same } from '../arrange/merge';
import { useSaving } from '../arrange/useSaving';
import { Position } from '../categories/CategoryForm';
import { articleNamed, HELP } from './queries';
import { LONGEST_SLUG, slugOf } from './slug';
import { TextFields } from './TextFields';
import { bodyOf, faultOf, missing, type Typed, typedOf } from './written';

type Props = { id: number | null; sections: ArticleSection[]; onClose: () => void };

/** Writes an article, or changes one as it stands now. */
export function ArticleForm({ id, ...rest }: Props) {
  const { t, i18n } = useTranslation('arrange');
  const { t: common } = useTranslation();
  const [round, setRound] = useState(0);
  const article = useQuery({
    ...articleNamed(String(id), languageOf([i18n.language])),
    // Its version says what the typed text builds on: fetched when the form opens, and never anew beneath it.
    queryKey: ['article in hand', String(id), String(round)],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    enabled: id !== null,
  });
  const onReload = () => setRound((now) => now + 1);
  if (id === null) return <Editor article={null} {...rest} onReload={onReload} />;
  if (!article.data)
    return (
      <Modal
        opened
        onClose={rest.onClose}
        title={t('articles.edit')}
        size="xl"
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Outstanding query={article} />
      </Modal>
    );
  return <Editor article={article.data} {...rest} onReload={onReload} />;
}

type EditorProps = Omit<Props, 'id'> & { article: Article | null; onReload: () => void };

function Editor(props: EditorProps) {
  const { t, i18n } = useTranslation('arrange');
  const { t: session } = useTranslation('session');
  const { sections, onClose } = props;
  const [article] = useState(props.article);
  const [typed, setTyped] = useState(() => typedOf(article, sections[0]?.id ?? 0));
  const [first] = useState(typed);
  const [isNamed, setIsNamed] = useState(article !== null);
  const saving = useSaving({ save: useSave(article), lists: [HELP], onSaved: onClose });
  const { faults } = saving;
  const isStale = saving.error instanceof ApiError && saving.error.status === 412;
  const set = (change: Partial<Typed>) => setTyped((now) => ({ ...now, ...change }));
  function write(language: (typeof LANGUAGES)[number], text: Typed['texts']['en']) {
    const texts = { ...typed.texts, [language]: text };
    const title = texts.en.title.trim() || texts.fr.title;
    set({ texts, ...(!isNamed && { slug: slugOf(title) }) });
  }
  function submit() {
    const said = { required: session('required'), oneText: t('articles.one_text') };
    saving.submit(bodyOf(typed), {
      ...missing(typed, said),
      ...(!typed.section_id && { section_id: t('articles.need_section') }),
    });
  }
  return (
    <FormDialog
      title={t(article ? 'articles.edit' : 'articles.new')}
      size="xl"
      saving={isStale ? { ...saving, error: null } : saving}
      place="full"
      dirty={!same(first, typed)}
      onSubmit={submit}
      onClose={onClose}
    >
      {isStale && <Stale onReload={props.onReload} />}
      {LANGUAGES.map((language) => (
        <TextFields
          key={language}
          language={language}
          text={typed.texts[language]}
          titleFault={faultOf(faults, typed, language, 'title')}
          bodyFault={faultOf(faults, typed, language, 'body')}
          onChange={(text) => write(language, text)}
        />
      ))}
      <TextInput
        label={t('articles.slug')}
        description={t('articles.slug_text')}
        maxLength={LONGEST_SLUG}
        autoComplete="off"
        spellCheck={false}
        value={typed.slug}
        error={faults.slug}
        onChange={(event) => {
          setIsNamed(true);
          set({ slug: event.currentTarget.value });
        }}
      />
      <NativeSelect
        label={t('articles.section')}
        value={String(typed.section_id)}
        error={faults.section_id}
        onChange={({ currentTarget: { value } }) => set({ section_id: Number(value) })}
        data={sections.map((one) => ({
          value: String(one.id),
          label: labelOf(one, i18n.language),
        }))}
      />
      <NativeSelect
        label={t('articles.state')}
        value={typed.state}
        error={faults.state}
        onChange={({ currentTarget: { value } }) => set({ state: value as Typed['state'] })}
        data={statesFrom(article).map((state) => ({ value: state, label: t(`articles.${state}`) }))}
      />
      <Position value={typed.position} onChange={(position) => set({ position })} />
      {article?.votes && <p className={page.dim}>{t('articles.votes', article.votes)}</p>}
    </FormDialog>
  );
}

/** What was typed builds on a text that is no more: saved, it would undo what somebody else has written. */
function Stale({ onReload }: { onReload: () => void }) {
  const { t } = useTranslation('arrange');
  return (
    <Alert color="red" variant="light" role="alert">
      <p>{t('articles.stale')}</p>
      <Button variant="default" size="xs" onClick={onReload}>
        {t('reload')}
      </Button>
    </Alert>
  );
}

/** What an article may become: an archived one is a draft before it is published again. */
function statesFrom(article: Article | null): Typed['state'][] {
  if (!article) return ['draft', 'published'];
  return article.state === 'archived' ? ['archived', 'draft'] : ['draft', 'published', 'archived'];
}

function useSave(article: Article | null): (body: SaveArticle) => Promise<Article> {
  const keyOf = useOnceKey();
  return (body) =>
    article
      ? unwrap(
          app.PATCH('/api/v1/articles/{article}', {
            params: { path: { article: String(article.id) } },
            headers: ifVersion(article.version),
            body,
          }),
        )
      : unwrap(app.POST('/api/v1/articles', { body, headers: once(keyOf(body)) }));
}
