import { ActionIcon, Button, FileButton, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconPaperclip } from '~/ui/icons';
import { acceptOf } from './accept';
import { mediaCategories } from './queries';
import type { Files } from './useFiles';

/** Chooses files from one's own machine: a paper clip, or with its words where there is room. */
export function Attach({ files, words }: { files: Files; words?: boolean }) {
  const { t } = useTranslation('attachments');
  const reset = useRef<() => void>(null);
  // What may be chosen is asked for when somebody is about to.
  const [isNear, setIsNear] = useState(false);
  const { data } = useQuery({ ...mediaCategories, enabled: isNear });
  const near = { onFocus: () => setIsNear(true), onPointerEnter: () => setIsNear(true) };
  function take(chosen: File[]) {
    void files.add(chosen);
    // The same file can be chosen again after it was taken away.
    reset.current?.();
  }
  return (
    <FileButton multiple onChange={take} accept={acceptOf(data)} resetRef={reset}>
      {(props) =>
        words ? (
          <Button
            variant="default"
            leftSection={<IconPaperclip size={16} aria-hidden="true" />}
            {...near}
            {...props}
          >
            {t('attach')}
          </Button>
        ) : (
          <Tooltip label={t('attach')}>
            <ActionIcon variant="subtle" color="gray" aria-label={t('attach')} {...near} {...props}>
              <IconPaperclip size={18} />
            </ActionIcon>
          </Tooltip>
        )
      }
    </FileButton>
  );
}
