import { Button, FileButton, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconUpload } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { useSize } from '~/ui/size';
import classes from './Imports.module.css';
import { NotBegun } from './NotBegun';
import type { Sending } from './useSending';

/** Bytes of a file at most, the same as the server's. */
const MOST_BYTES = 512 * 1024 * 1024;
/** Letters of a system's name at most, the same as the server's. */
const MOST_LETTERS = 64;

/** Where a file is dropped, or chosen. */
export function DropFile({ sending, full }: { sending: Sending; full: boolean }) {
  const { t } = useTranslation('imports');
  const size = useSize();
  const [over, setOver] = useState(false);
  const [source, setSource] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const off = full || sending.pending;
  function take(file: File | null | undefined) {
    if (!file || off) return;
    const fits = file.size > 0 && file.size <= MOST_BYTES;
    setWrong(fits ? null : t('drop.size', { most: size(MOST_BYTES) }));
    if (fits) sending.send({ file, source: source.trim() || undefined });
  }
  return (
    <Section id="bring" title={t('drop.title')} text={t('drop.text')}>
      <TextInput
        label={t('drop.source')}
        description={t('drop.source_text')}
        maxLength={MOST_LETTERS}
        value={source}
        onChange={(event) => setSource(event.currentTarget.value)}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button in it does the same */}
      <div
        className={classes.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files[0]);
        }}
      >
        <IconUpload size={24} stroke={1.5} aria-hidden="true" />
        <FileButton onChange={take} accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson">
          {(props) => (
            <Button {...props} disabled={off} loading={sending.pending}>
              {t('drop.choose')}
            </Button>
          )}
        </FileButton>
        <span className={page.dim}>{t(full ? 'drop.full' : 'drop.here')}</span>
      </div>
      {wrong && (
        <p className={page.problem} role="alert">
          {wrong}
        </p>
      )}
      <NotBegun error={sending.error} />
    </Section>
  );
}
