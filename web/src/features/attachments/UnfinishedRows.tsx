import { ActionIcon, Progress } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { IconX } from '~/ui/icons';
import { usePerson } from '../session/session';
import classes from './Attachments.module.css';
import { FileIcon } from './FileIcon';
import { endUpload, type Unfinished, unfinishedFiles } from './unfinished';
import type { Files } from './useFiles';

/** Files that were on their way when the page was loaded anew: they go on when they are chosen again. */
export function UnfinishedRows({ files: { place, rows } }: { files: Files }) {
  const { t } = useTranslation('attachments');
  const client = useQueryClient();
  const inHand = rows.map(({ key }) => key).join();
  const { data } = useQuery(unfinishedFiles(place, usePerson().id, inHand));
  const left = data?.filter(
    (one) => !rows.some(({ name, size }) => name === one.name && size === one.size),
  );
  if (!left?.length) return null;
  async function forget(one: Unfinished) {
    await endUpload(one);
    await client.invalidateQueries({ queryKey: ['unfinished'] });
  }
  return (
    <ul className={classes.uploads} aria-label={t('unfinished.list')}>
      {left.map((one) => (
        <Row key={one.fingerprint} one={one} onForget={() => void forget(one)} />
      ))}
    </ul>
  );
}

function Row({ one, onForget }: { one: Unfinished; onForget: () => void }) {
  const { t, i18n } = useTranslation('attachments');
  const { name, size, sent } = one;
  const part = size > 0 ? Math.min(1, sent / size) : 0;
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(part);
  const label = t('cancel', { name });
  return (
    <li className={classes.upload}>
      <FileIcon name={name} />
      <span className={classes.what}>
        <span className={classes.name} title={name}>
          {name}
        </span>
        <span className={classes.state}>{t('unfinished.said', { percent })}</span>
        <Progress size="xs" value={part * 100} color="gray" aria-label={t('progress', { name })} />
      </span>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={label}
        title={label}
        onClick={onForget}
      >
        <IconX size={16} />
      </ActionIcon>
    </li>
  );
}
