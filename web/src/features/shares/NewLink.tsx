import { Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { IconCheck, IconCopy } from '~/ui/icons';
import { fullTime } from '~/ui/time';
import classes from './Shares.module.css';

/** A link that was made just now, for this one time: whom it lets in, and until when. */
export function NewLink(props: {
  url: string;
  until: string | null | undefined;
  onCopied: () => void;
}) {
  const { t, i18n } = useTranslation('files');
  const { t: common } = useTranslation();
  const clipboard = useClipboard({ timeout: 2000 });
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  const until = props.until ? fullTime(props.until, i18n.language) : '';
  return (
    <section className={classes.link} aria-label={t('link.label')}>
      <p id="new-link-text">{t('link.text', { until })}</p>
      <div className={classes.url}>
        <code>{props.url}</code>
        <Button
          ref={button}
          size="xs"
          variant="default"
          aria-describedby="new-link-text"
          leftSection={
            clipboard.copied ? (
              <IconCheck size={16} aria-hidden="true" />
            ) : (
              <IconCopy size={16} aria-hidden="true" />
            )
          }
          onClick={() => {
            clipboard.copy(props.url);
            props.onCopied();
          }}
        >
          {t('link.copy')}
        </Button>
        <span role="status" className="visually-hidden">
          {clipboard.copied && common('copied')}
        </span>
      </div>
    </section>
  );
}
