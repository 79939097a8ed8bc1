import { Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileShare } from '~/api/types';
import { IconCheck, IconCopy } from '~/ui/icons';
import { fullTime } from '~/ui/time';
import classes from './Shares.module.css';

/** A link that was made just now, for this one time: whom it lets in, and until when. */
export function NewLink({ share, onCopied }: { share: FileShare; onCopied: () => void }) {
  const { t, i18n } = useTranslation('files');
  const { t: common } = useTranslation();
  const clipboard = useClipboard({ timeout: 2000 });
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  const { url, expires_at } = share;
  const until = expires_at ? fullTime(expires_at, i18n.language) : '';
  return (
    <section className={classes.link} aria-label={t('link.label')}>
      <p id="new-link-text">{t('link.text', { until })}</p>
      <div className={classes.url}>
        <code>{url}</code>
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
            clipboard.copy(url);
            onCopied();
          }}
        >
          {clipboard.copied ? common('copied') : t('link.copy')}
        </Button>
        <span role="status" className="visually-hidden">
          {clipboard.copied && common('copied')}
        </span>
      </div>
    </section>
  );
}
