import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import classes from './Attachments.module.css';
import { FileTile } from './FileTile';
import type { Attachment } from './types';
import { useDownload } from './useDownload';
import { usePictures } from './usePictures';

/** Files that belong together: those of a message, or of the ticket itself. */
export function Files({ ticket, files }: { ticket: Ticket; files: readonly Attachment[] }) {
  const { t } = useTranslation('attachments');
  const download = useDownload();
  const { lookAt, lightbox } = usePictures(files, ticket);
  return (
    <>
      <ul className={classes.files} aria-label={t('files', { count: files.length })}>
        {files.map((file) => (
          <FileTile
            key={file.id}
            file={file}
            ticket={ticket}
            onOpen={lookAt(file) ?? (() => void download(file))}
          />
        ))}
      </ul>
      {lightbox}
    </>
  );
}
