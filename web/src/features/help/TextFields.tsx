import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import { type Language, NAMES } from '~/i18n';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import { Body } from '../messages/Body';
import classes from './Help.module.css';

type Text = { title: string; body: string };

/** Title and text of an article in one language, and what readers will see of it. */
export function TextFields(props: {
  language: Language;
  text: Text;
  titleFault: string | undefined;
  bodyFault: string | undefined;
  onChange: (text: Text) => void;
}) {
  const { t } = useTranslation('arrange');
  const explain = useExplain();
  const { text, onChange } = props;
  const language = NAMES[props.language];
  const preview = useMutation({
    mutationFn: (body: string) => unwrap(app.POST('/api/v1/articles/preview', { body: { body } })),
  });
  // A preview is of what is written now: of what was written before there is none.
  const isOfNow = preview.variables === text.body;
  return (
    <>
      <TextInput
        label={t('articles.title_in', { language })}
        lang={props.language}
        maxLength={200}
        autoComplete="off"
        value={text.title}
        error={props.titleFault}
        onChange={(event) => onChange({ ...text, title: event.currentTarget.value })}
      />
      <Textarea
        label={t('articles.body_in', { language })}
        description={t('articles.body_text')}
        lang={props.language}
        autosize
        minRows={5}
        maxRows={16}
        value={text.body}
        error={props.bodyFault}
        onChange={(event) => onChange({ ...text, body: event.currentTarget.value })}
      />
      <div>
        <Button
          variant="default"
          size="xs"
          disabled={!text.body.trim()}
          loading={preview.isPending}
          aria-label={t('articles.preview_of', { language })}
          onClick={() => preview.mutate(text.body)}
        >
          {t('articles.preview')}
        </Button>
      </div>
      {isOfNow && preview.isError && (
        <p role="alert" className={page.problem}>
          {t('articles.preview_error')} {explain(preview.error)}
        </p>
      )}
      {isOfNow && preview.data && (
        <section
          className={classes.suggestions}
          lang={props.language}
          aria-label={t('articles.preview_of', { language })}
        >
          <Body html={preview.data.body_html} text={text.body} />
        </section>
      )}
    </>
  );
}
