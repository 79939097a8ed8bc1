import { ActionIcon } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import classes from './CopyAddress.module.css';
import { IconCheck, IconCopy } from './icons';

/** An address to go to or to pass on. */
export function CopyAddress({ address, label }: { address: string; label: string }) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 1500 });
  return (
    <span className={classes.address}>
      <a href={address} target="_blank" rel="noreferrer">
        {address.replace(/^https?:\/\//, '')}
      </a>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        onClick={() => clipboard.copy(address)}
      >
        {clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
      </ActionIcon>
      <span role="status" className="visually-hidden">
        {clipboard.copied && t('copied')}
      </span>
    </span>
  );
}
