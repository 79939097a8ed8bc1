import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import classes from './Attachments.module.css';
import { FileTile } from './FileTile';
import { picturesOf } from './kind';
import type { Attachment } from './types';
import { useDownload } from './useDownload';

const Lightbox = lazy(() => import('./Lightbox').then((one) => ({ default: one.Lightbox })));

/** Files that belong together: those of a message, or of the ticket itself. */
export function Files({ ticket, files }: { ticket: Ticket; files: readonly Attachment[] }) {
  const { t } = useTranslation('attachments');
  const download = useDownload();
  const pictures = picturesOf(files);
  const [shown, setShown] = useState<number | null>(null);
  const isThere = shown !== null && pictures.some(({ id }) => id === shown);
  const isPicture = (file: Attachment) => pictures.includes(file);
  return (
    <>
      <ul className={classes.files} aria-label={t('files', { count: files.length })}>
        {files.map((file) => (
          <FileTile
            key={file.id}
            file={file}
            ticket={ticket}
            onOpen={() => (isPicture(file) ? setShown(file.id) : void download(file))}
          />
        ))}
      </ul>
      <Suspense fallback={null}>
        {isThere && (
          <Lightbox
            pictures={pictures}
            shown={shown}
            ticket={ticket}
            onShow={setShown}
            onClose={() => setShown(null)}
          />
        )}
      </Suspense>
    </>
  );
}
