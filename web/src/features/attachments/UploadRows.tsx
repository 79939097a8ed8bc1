import { ActionIcon, Button, Progress } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { IconTrash, IconX } from '~/ui/icons';
import { useSize } from '~/ui/size';
import classes from './Attachments.module.css';
import { FileIcon } from './FileIcon';
import { mayTryAgain, type Row, type Standing, standingOf } from './row';
import type { Files } from './useFiles';
import { useWhy } from './useWhy';

/** The files that go with what is written, each with how far it is and what can be done. */
export function UploadRows({ files }: { files: Files }) {
  const { t } = useTranslation('attachments');
  return (
    <>
      <ul className={classes.uploads} aria-label={t('enclosed')}>
        {files.rows.map((row) => (
          <UploadRow key={row.key} row={row} files={files} />
        ))}
      </ul>
      <Said rows={files.rows} />
    </>
  );
}

function UploadRow({ row, files }: { row: Row; files: Files }) {
  const { t } = useTranslation('attachments');
  const size = useSize();
  const standing = standingOf(row);
  const words = useWords();
  const isOn = standing === 'sending' || standing === 'finishing' || standing === 'paused';
  const part = row.size > 0 ? Math.min(100, (row.sent / row.size) * 100) : 0;
  const goes = isOn || standing === 'waiting' ? 'cancel' : 'remove';
  return (
    <li className={classes.upload} data-standing={standing}>
      <FileIcon name={row.name} />
      <span className={classes.what}>
        <span className={classes.name} title={row.name}>
          {row.name}
        </span>
        <span className={classes.state}>
          {size(row.size)}
          {standing !== 'held' && ` · ${words(row, standing)}`}
        </span>
        {isOn && (
          <Progress
            size="xs"
            value={part}
            animated={standing === 'finishing'}
            color={standing === 'paused' ? 'gray' : undefined}
            aria-label={t('progress', { name: row.name })}
          />
        )}
      </span>
      {standing === 'failed' && mayTryAgain(row) && (
        <Button size="compact-xs" variant="default" onClick={() => files.again(row)}>
          {t('again')}
        </Button>
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={t(goes, { name: row.name })}
        title={t(goes, { name: row.name })}
        onClick={() => void files.remove(row)}
      >
        {goes === 'cancel' ? <IconX size={16} /> : <IconTrash size={16} />}
      </ActionIcon>
    </li>
  );
}

/** Says how it stands with files to those who do not see the list, without every percent. */
function Said({ rows }: { rows: readonly Row[] }) {
  const words = useWords();
  return (
    <p role="status" className="visually-hidden">
      {rows
        .map((row) => [row, standingOf(row)] as const)
        .filter(([, standing]) => !['held', 'waiting', 'sending', 'finishing'].includes(standing))
        .map(([row, standing]) => `${row.name}: ${words(row, standing)}`)
        .join('. ')}
    </p>
  );
}

/** How it stands with a file, in words. */
function useWords() {
  const { t, i18n } = useTranslation('attachments');
  const why = useWhy();
  return (row: Row, standing: Standing) => {
    if (standing === 'failed' && row.problem) return why(row.problem);
    if (standing === 'held') return '';
    if (standing !== 'sending') return t(`state.${standing}`);
    const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' });
    return percent.format(row.size > 0 ? row.sent / row.size : 0);
  };
}
