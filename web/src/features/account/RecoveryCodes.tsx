import { Button, Checkbox } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { site } from '~/app/site';
import { IconCheck, IconCopy, IconDownload, IconPrinter } from '~/ui/icons';
import page from '~/ui/page.module.css';
import classes from './account.module.css';

/**
 * The codes that open the account when the phone is gone. They are shown once, so one goes on only
 * after saying that they are kept somewhere.
 */
export function RecoveryCodes({ codes, onSaved }: { codes: string[]; onSaved: () => void }) {
  const { t } = useTranslation('account');
  const { t: common } = useTranslation();
  const [saved, setSaved] = useState(false);
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <div className={classes.recovery}>
      <p className={page.text}>{t('recovery.text')}</p>
      <div data-print="" className={classes.sheet}>
        <p className={classes.printed}>
          {t('recovery.heading', { address: window.location.host })}
        </p>
        <ol className={classes.codes} aria-label={t('recovery.title')}>
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ol>
      </div>
      <div className={page.buttons}>
        <Button
          size="xs"
          variant="default"
          leftSection={clipboard.copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          onClick={() => clipboard.copy(codes.join('\n'))}
        >
          {clipboard.copied ? common('copied') : t('recovery.copy')}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
          onClick={() => download(t('recovery.heading', { address: window.location.host }), codes)}
        >
          {t('recovery.download')}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPrinter size={14} />}
          onClick={() => window.print()}
        >
          {t('recovery.print')}
        </Button>
      </div>
      <Checkbox
        label={t('recovery.saved')}
        checked={saved}
        onChange={(event) => setSaved(event.currentTarget.checked)}
      />
      <Button disabled={!saved} onClick={onSaved}>
        {common('continue')}
      </Button>
    </div>
  );
}

/** Hands the codes over as a file that says what they are for. */
function download(heading: string, codes: string[]): void {
  const text = `${heading}\n\n${codes.join('\n')}\n`;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = `${site.kind === 'tenant' ? site.slug : 'helpdeskly'}-recovery-codes.txt`;
  link.click();
  URL.revokeObjectURL(link.href);
}
