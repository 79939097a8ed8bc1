import { ActionIcon, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { IconPaperclip } from '~/ui/icons';
import { Choose } from './Choose';
import type { Files } from './useFiles';

/** Chooses files from one's own machine, where there is room for a paper clip only. */
export function Attach({ files }: { files: Files }) {
  const { t } = useTranslation('attachments');
  return (
    <Choose files={files}>
      {(props) => (
        <Tooltip label={t('attach')}>
          <ActionIcon variant="subtle" color="gray" aria-label={t('attach')} {...props}>
            <IconPaperclip size={18} />
          </ActionIcon>
        </Tooltip>
      )}
    </Choose>
  );
}
