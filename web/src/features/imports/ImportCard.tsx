import { Button, FileButton, Progress } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Import } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { useExplain } from '~/ui/explain';
import { Mark, type Tone } from '~/ui/Mark';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';
import { useSize } from '~/ui/size';
import { fullTime } from '~/ui/time';
import { Counts } from './Counts';
import { Errors } from './Errors';
import classes from './Imports.module.css';
import { MappingForm } from './MappingForm';
import { cancelImport, importList, isOver, isUnderWay } from './queries';
import type { Sending } from './useSending';

const TONES: Record<Import['state'], Tone> = {
  uploading: 'busy',
  ready: 'near',
  checking: 'busy',
  checked: 'near',
  running: 'busy',
  finished: 'good',
  cancelled: 'still',
  failed: 'bad',
};

/** One import: how far it is, and what can be done about it. */
export function ImportCard({ of, sending }: { of: Import; sending: Sending }) {
  const { t, i18n } = useTranslation('imports');
  const size = useSize();
  const id = `import-${of.id}`;
  return (
    <section className={`${page.card} ${page.section}`} aria-labelledby={id}>
      <div className={classes.top}>
        <h2 id={id} className={page.heading}>
          {of.file_name}
        </h2>
        <Mark tone={TONES[of.state]}>{t(`state.${of.state}`)}</Mark>
      </div>
      <span className={page.dim}>
        {t('about', { size: size(of.file_size), time: fullTime(of.created_at, i18n.language) })}
      </span>
      {of.state === 'uploading' && <Uploading of={of} sending={sending} />}
      {isUnderWay(of) && <Reading of={of} />}
      {of.reason && <p className={page.problem}>{reasonIn(t, of.reason)}</p>}
      {of.counts.records > 0 && <Counts of={of} />}
      {!isUnderWay(of) && of.counts.failed + of.counts.warned + of.counts.skipped > 0 && (
        <Errors of={of} />
      )}
      {(of.state === 'ready' || of.state === 'checked') && (
        <MappingForm key={`${of.state} ${JSON.stringify(of.columns)}`} of={of} />
      )}
      {!isOver(of) && <End of={of} onEnd={sending.stop} />}
    </section>
  );
}

type Says = ReturnType<typeof useTranslation<'imports'>>['t'];

const REASONS = [
  'encoding',
  'not_text',
  'no_head',
  'no_records',
  'duplicate_column',
  'forbidden',
  'expired',
] as const;

function reasonIn(t: Says, reason: string): string {
  const known = REASONS.find((one) => one === reason);
  return known ? t(`reason.${known}`) : reason;
}

/** How much of the file is there; it goes on from another page, or on another day, with the same file. */
function Uploading({ of, sending }: { of: Import; sending: Sending }) {
  const { t } = useTranslation('imports');
  const [other, setOther] = useState(false);
  const share = Math.floor((100 * of.received) / of.file_size);
  const isHere = sending.at?.id === of.id;
  function goOn(file: File | null) {
    if (!file) return;
    const same = file.size === of.file_size && file.name === of.file_name;
    setOther(!same);
    if (same) sending.send({ file, from: of });
  }
  return (
    <>
      <Progress value={share} aria-label={t('sending', { share })} />
      {!isHere && (
        <div className={page.foot}>
          <FileButton onChange={goOn}>
            {(props) => (
              <Button {...props} variant="default" size="xs" disabled={sending.pending}>
                {t('go_on')}
              </Button>
            )}
          </FileButton>
          <span className={page.dim}>{t('go_on_text')}</span>
        </div>
      )}
      {other && (
        <p className={page.problem} role="alert">
          {t('other_file')}
        </p>
      )}
    </>
  );
}

function Reading({ of }: { of: Import }) {
  const { t, i18n } = useTranslation('imports');
  const share = Math.floor((100 * of.position) / of.file_size);
  const done = new Intl.NumberFormat(i18n.language).format(of.counts.records);
  return (
    <>
      <Progress value={share} aria-label={t('reading', { share })} />
      <span role="status" className={page.dim}>
        {t('read', { done })}
      </span>
    </>
  );
}

/** Ends an import; what was brought stays. */
function End({ of, onEnd }: { of: Import; onEnd: () => void }) {
  const { t } = useTranslation('imports');
  const explain = useExplain();
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const end = useMutation({
    mutationFn: () => cancelImport(of),
    onMutate: onEnd,
    onError: (error) => void notifyFailure(t('end.failed'), explain(error, 'import')),
    onSettled: () => client.invalidateQueries({ queryKey: importList.queryKey }),
  });
  const name = of.file_name;
  return (
    <div className={page.foot}>
      <Button
        variant="subtle"
        color="gray"
        size="xs"
        loading={end.isPending}
        onClick={() => setAsked(true)}
      >
        {t('end.open')}
      </Button>
      <Confirm
        opened={asked}
        title={t('end.label', { name })}
        text={t('end.text')}
        submit={t('end.submit', { name })}
        destructive
        onConfirm={() => end.mutate()}
        onClose={() => setAsked(false)}
      />
    </div>
  );
}
