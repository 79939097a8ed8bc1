import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { RefuseDialog } from '../moderation/lazily';
import { mayModerate } from '../moderation/may';
import { usePerson } from '../session/session';
import classes from './Attachments.module.css';
import { FileTile } from './FileTile';
import { picturesOf } from './kind';
import type { Attachment } from './types';
import { useDownload } from './useDownload';
import { mayRemove, useRemove } from './useRemove';

const Lightbox = lazy(() => import('./Lightbox').then((one) => ({ default: one.Lightbox })));

/** Files that belong together: those of a message, or of the ticket itself. */
export function Files({ ticket, files }: { ticket: Ticket; files: readonly Attachment[] }) {
  const { t } = useTranslation('attachments');
  const person = usePerson();
  const download = useDownload();
  const remove = useRemove();
  const pictures = picturesOf(files);
  const [shown, setShown] = useState<number | null>(null);
  const [asked, setAsked] = useState<Attachment | null>(null);
  const [refused, setRefused] = useState<Attachment | null>(null);
  const isThere = shown !== null && pictures.some(({ id }) => id === shown);
  const isPicture = (file: Attachment) => pictures.includes(file);
  return (
    <>
      <ul className={classes.files} aria-label={t('files', { count: files.length })}>
        {files.map((file) => (
          <FileTile
            key={file.id}
            file={file}
            onOpen={() => (isPicture(file) ? setShown(file.id) : void download(file))}
            onDownload={() => void download(file)}
            onRemove={mayRemove(file, person, ticket) ? () => setAsked(file) : undefined}
            onRefuse={mayModerate(person) ? () => setRefused(file) : undefined}
          />
        ))}
      </ul>
      <Suspense fallback={null}>
        {isThere && (
          <Lightbox
            pictures={pictures}
            shown={shown}
            onShow={setShown}
            onClose={() => setShown(null)}
          />
        )}
        {refused && <RefuseDialog file={refused} onClose={() => setRefused(null)} />}
      </Suspense>
      {asked && (
        <Confirm
          opened
          destructive
          title={t('remove_title', { name: asked.original_name })}
          text={t('remove_text')}
          submit={t('remove', { name: asked.original_name })}
          onConfirm={() => remove.mutate(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}
