import { Input } from '@mantine/core';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { AttachButton } from './AttachButton';
import { UploadRows } from './lazily';
import type { Place } from './rows';
import { useFiles } from './useFiles';

/** Files of a ticket that is being written: they wait here, and are sent when it is opened. */
export function FilesField({ place }: { place: Place }) {
  const { t } = useTranslation('attachments');
  const files = useFiles(place);
  return (
    <Input.Wrapper labelElement="div" label={t('form.label')} description={t('form.hint')}>
      <AttachButton files={files} />
      {files.rows.length > 0 && (
        <Suspense fallback={null}>
          <UploadRows files={files} />
        </Suspense>
      )}
    </Input.Wrapper>
  );
}
