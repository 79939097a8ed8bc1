import { Button, Checkbox } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Backup, Drill } from '~/api/types';
import { Mark } from '~/ui/Mark';
import { notifyFailure } from '~/ui/notify';
import { RelativeTime } from '~/ui/RelativeTime';
import { useSize } from '~/ui/size';
import { fullTime } from '~/ui/time';
import { useNow } from '~/ui/useNow';
import { lookAgain } from '../tenants/turn';
import { useExplainHere } from '../ui/explain';
import { TypedConfirm } from '../ui/TypedConfirm';
import ui from '../ui/ui.module.css';
import { drillList, restoreBackup } from './queries';
import { isLate, sizeOf, verdicts } from './rules';

type Props = {
  backups: Backup[];
  /** The newest of each tenant: of these it counts how old they are. */
  newest: Backup[];
  /** Whose they all are, where that needs no saying. */
  of?: string;
  onDone: (said: string) => void;
};

/** Backups as rows, each with what a drill has found and the way back to it. */
export function BackupTable({ backups, newest, of, onDone }: Props) {
  const { t } = useTranslation('operator');
  const found = verdicts(useQuery(drillList).data ?? []);
  return (
    <table className={ui.table} aria-label={t('backups.title')}>
      <thead>
        <tr>
          {!of && <th scope="col">{t('backups.whose')}</th>}
          <th scope="col">{t('backups.age')}</th>
          <th scope="col" className={ui.number}>
            {t('backups.size')}
          </th>
          <th scope="col" className={ui.number}>
            {t('backups.rows')}
          </th>
          <th scope="col">{t('backups.drill')}</th>
          <th scope="col">
            <span className="visually-hidden">{t('backups.restore')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {backups.map((backup) => (
          <Row
            key={backup.id}
            backup={backup}
            counts={newest.some(({ id }) => id === backup.id)}
            drill={found.get(backup.id)}
            about={!of}
            onDone={onDone}
          />
        ))}
      </tbody>
    </table>
  );
}

function Row(props: {
  backup: Backup;
  counts: boolean;
  drill?: Drill;
  about: boolean;
  onDone: (said: string) => void;
}) {
  const { t, i18n } = useTranslation('operator');
  const size = useSize();
  const { backup, drill } = props;
  const now = useNow();
  const late = props.counts && isLate(backup.taken_at, now);
  const Head = props.about ? 'td' : 'th';
  return (
    <tr>
      {props.about && (
        <th scope="row">
          {backup.tenant ? (
            <Link to="/tenants/$slug" params={{ slug: backup.tenant }}>
              {backup.tenant}
            </Link>
          ) : (
            t('backups.control')
          )}
        </th>
      )}
      <Head data-label={props.about ? t('backups.age') : undefined}>
        <span className={ui.names}>
          <RelativeTime at={backup.taken_at} />
          {late && <Mark tone="near">{t('backups.late')}</Mark>}
          {backup.is_kept && <span className={ui.dim}>{t('backups.kept')}</span>}
        </span>
      </Head>
      <td data-label={t('backups.size')} className={ui.number}>
        <span className={ui.names}>
          {size(sizeOf(backup))}
          <span className={ui.dim}>
            {t('backups.parts', {
              dump: size(backup.dump_bytes),
              files: size(backup.file_bytes),
              number: backup.files,
            })}
          </span>
        </span>
      </td>
      <td data-label={t('backups.rows')} className={ui.number}>
        {new Intl.NumberFormat(i18n.language).format(backup.row_count)}
      </td>
      <td data-label={t('backups.drill')}>
        <Found drill={drill} />
      </td>
      <td className={ui.actions}>
        {backup.tenant && <Restore backup={backup} slug={backup.tenant} onDone={props.onDone} />}
      </td>
    </tr>
  );
}

/** What restoring it for trial has shown. */
function Found({ drill }: { drill?: Drill }) {
  const { t } = useTranslation('operator');
  if (!drill) return <span className={ui.dim}>{t('backups.untried')}</span>;
  return (
    <span className={ui.names}>
      <Mark tone={drill.is_equal ? 'good' : 'bad'}>
        {t(drill.is_equal ? 'backups.equal' : 'backups.unequal')}
      </Mark>
      {drill.trouble && <span className={ui.error}>{drill.trouble}</span>}
    </span>
  );
}

function Restore(props: { backup: Backup; slug: string; onDone: (said: string) => void }) {
  const { t, i18n } = useTranslation('operator');
  const { backup, slug } = props;
  const explain = useExplainHere();
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const [resend, setResend] = useState(false);
  const time = fullTime(backup.taken_at, i18n.language);
  const restore = useMutation({
    mutationFn: () => restoreBackup(backup.id, { tenant: slug, resend }),
    onSuccess: () => props.onDone(t('backups.restoring', { slug, time })),
    onError: (error) => void notifyFailure(t('backups.not_restored', { slug }), explain(error)),
    onSettled: () => lookAgain(client),
  });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={restore.isPending}
        aria-label={t('backups.restore_label', { slug, time })}
        onClick={() => setAsked(true)}
      >
        {t('backups.restore')}
      </Button>
      <TypedConfirm
        opened={asked}
        title={t('backups.restore_title', { slug })}
        text={t('backups.restore_text', { slug, time })}
        name={slug}
        submit={t('backups.restore_submit', { slug })}
        destructive
        onConfirm={() => restore.mutate()}
        onClose={() => setAsked(false)}
      >
        <Checkbox
          label={t('backups.resend')}
          checked={resend}
          onChange={(event) => setResend(event.currentTarget.checked)}
        />
      </TypedConfirm>
    </>
  );
}
