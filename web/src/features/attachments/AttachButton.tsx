import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { IconPaperclip } from '~/ui/icons';
import { Choose } from './Choose';
import type { Files } from './useFiles';

/** Chooses files from one's own machine, in words. */
export function AttachButton({ files }: { files: Files }) {
  const { t } = useTranslation('attachments');
  return (
    <Choose files={files}>
      {(props) => (
        <Button
          variant="default"
          leftSection={<IconPaperclip size={16} aria-hidden="true" />}
          {...props}
        >
          {t('attach')}
        </Button>
      )}
    </Choose>
  );
}
