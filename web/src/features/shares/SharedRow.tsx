import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { SharedFile } from '~/api/types';
import { fullName } from '~/ui/Initials';
import { IconDownload } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { RelativeTime } from '~/ui/RelativeTime';
import { useSize } from '~/ui/size';
import { FileIcon } from '../attachments/FileIcon';
import { isOpen } from '../attachments/kind';
import { ticketOfFile } from './queries';
import classes from './Shares.module.css';

/** A file that somebody shared: who did, and the ticket where that is seen, too. */
export function SharedRow(props: {
  share: SharedFile;
  /** Looks at it large; null for what is no picture. */
  onLook: (() => void) | null;
  onDownload: () => void;
}) {
  const { t } = useTranslation('files');
  const { t: say } = useTranslation('attachments');
  const size = useSize();
  const { share, onLook, onDownload } = props;
  const { original_name: name, file_size, scan_status, ticket_id } = share.attachment;
  const { data: ticket } = useQuery(ticketOfFile(ticket_id));
  return (
    <li>
      <span className={classes.file}>
        <FileIcon name={name} size={24} />
        <span className={page.names}>
          {isOpen(share.attachment) ? (
            <button
              type="button"
              className={classes.open}
              title={say(onLook ? 'view' : 'download', { name })}
              aria-haspopup={onLook ? 'dialog' : undefined}
              onClick={onLook ?? onDownload}
            >
              {name}
            </button>
          ) : (
            <span className={page.name}>{name}</span>
          )}
          <span className={page.dim}>
            {isOpen(share.attachment)
              ? size(file_size)
              : say(scan_status === 'infected' ? 'state.removed' : 'state.checking')}
            {' · '}
            {t('mine.by', { name: fullName(share.created_by) })}{' '}
            <RelativeTime at={share.created_at} />
            {ticket && (
              <>
                {' · '}
                <Link to="/tickets/$number" params={{ number: ticket.ticket_number }}>
                  {ticket.ticket_number}
                </Link>{' '}
                {ticket.subject}
              </>
            )}
          </span>
        </span>
      </span>
      {isOpen(share.attachment) && (
        <Button
          size="xs"
          variant="default"
          aria-label={say('download', { name })}
          leftSection={<IconDownload size={16} aria-hidden="true" />}
          onClick={onDownload}
        >
          {say('menu.download')}
        </Button>
      )}
    </li>
  );
}
