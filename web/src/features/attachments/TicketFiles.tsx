import { ActionIcon } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { IconArrowRight } from '~/ui/icons';
import { Outstanding } from '~/ui/Outstanding';
import { RelativeTime } from '~/ui/RelativeTime';
import { useSize } from '~/ui/size';
import classes from './Attachments.module.css';
import { FileIcon } from './FileIcon';
import { isOpen } from './kind';
import { fileList } from './queries';
import type { Attachment } from './types';
import { useDownload } from './useDownload';
import { usePictures } from './usePictures';

/** All files of a ticket but those that wait for their message, the newest first: each is looked at or saved from here, or looked up where it was sent. */
export function TicketFiles({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('attachments');
  const list = useQuery(fileList(ticket.id));
  const files = list.data?.filter(({ awaits_message }) => !awaits_message) ?? [];
  const { lookAt, lightbox } = usePictures(files, ticket);
  if (!list.data) return <Outstanding query={list} />;
  if (files.length === 0) return <p className={classes.none}>{t('panel.none')}</p>;
  return (
    <>
      <ul className={classes.listed}>
        {files.map((file) => (
          <Listed key={file.id} file={file} onLook={lookAt(file)} />
        ))}
      </ul>
      {lightbox}
    </>
  );
}

function Listed({ file, onLook }: { file: Attachment; onLook: (() => void) | null }) {
  const { t } = useTranslation('attachments');
  const size = useSize();
  const download = useDownload();
  const { original_name: name, message_id, scan_status } = file;
  return (
    <li>
      <FileIcon name={name} />
      <span className={classes.what}>
        {isOpen(file) ? (
          <button
            type="button"
            className={classes.link}
            title={t(onLook ? 'view' : 'download', { name })}
            aria-haspopup={onLook ? 'dialog' : undefined}
            onClick={onLook ?? (() => void download(file))}
          >
            {name}
          </button>
        ) : (
          <span className={classes.name}>{name}</span>
        )}
        <span className={classes.state}>
          {isOpen(file)
            ? size(file.file_size)
            : t(scan_status === 'infected' ? 'state.removed' : 'state.checking')}
          {' · '}
          <RelativeTime at={file.created_at} />
        </span>
      </span>
      {message_id != null && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t('panel.jump', { name })}
          title={t('panel.jump', { name })}
          onClick={() => jump(message_id)}
        >
          <IconArrowRight size={16} />
        </ActionIcon>
      )}
    </li>
  );
}

/** Goes to a message of the conversation, for the eye and for the keyboard. */
function jump(messageId: number): void {
  const message = document.getElementById(`message-${messageId}`);
  message?.scrollIntoView({ block: 'center' });
  message?.focus({ preventScroll: true });
}
