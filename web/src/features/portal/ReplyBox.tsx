import { Button, Textarea } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type KeyboardEvent, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { AttachButton } from '../attachments/AttachButton';
import { useForgotten } from '../attachments/Forgotten';
import { Hindered } from '../attachments/Hindered';
import { UploadRows } from '../attachments/lazily';
import { hindranceOf } from '../attachments/row';
import { takeFiles } from '../attachments/rows';
import { Unfinished } from '../attachments/Unfinished';
import { useFiles } from '../attachments/useFiles';
import { useWaiting } from '../attachments/useWaiting';
import { changeDraft, useDraft } from '../messages/drafts';
import { useSend } from '../messages/send';
import { usePerson } from '../session/session';
import classes from './ReplyBox.module.css';

/** Customers write no notes. */
const replying = () => 'reply' as const;

/** Where a customer writes. On a solved ticket, writing means that it was not. */
export function ReplyBox({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('portal');
  const { t: join } = useTranslation('joining');
  const person = usePerson();
  const { reply } = useDraft(ticket.id);
  const send = useSend(ticket, { id: person.id, side: 'customer' });
  const files = useFiles(`${ticket.id} reply`);
  useWaiting({ ticketId: ticket.id, modeOf: replying, ready: ticket.status !== 'closed' });
  const { unlessForgotten, question } = useForgotten();
  const hindrance = hindranceOf(files.rows, reply.trim() !== '');
  const reopen = ticket.status === 'resolved';

  function submit(event: FormEvent | KeyboardEvent) {
    event.preventDefault();
    const text = reply.trim();
    if (!text || hindrance) return;
    unlessForgotten(text, files.rows.length, () => {
      const out = { text, mode: 'reply' as const, reopen, files: takeFiles(files.place) };
      send.mutate({ ...out, id: crypto.randomUUID() });
    });
  }
  if (ticket.status === 'closed') {
    return (
      <p className={classes.closed}>
        {t('closed')}{' '}
        {!ticket.merged_into && (
          <Link to="/tickets/new" search={{ from: ticket.ticket_number }}>
            {join('follow.open')}
          </Link>
        )}
      </p>
    );
  }
  return (
    <form className={classes.reply} onSubmit={submit}>
      <Textarea
        label={t('reply.label')}
        description={ticket.status === 'waiting_customer' ? t('waiting') : undefined}
        placeholder={t('reply.placeholder')}
        autosize
        minRows={3}
        maxRows={12}
        maxLength={65_536}
        value={reply}
        onChange={(event) => changeDraft(ticket.id, { reply: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
        }}
      />
      {files.rows.length > 0 && (
        <div className={classes.files}>
          <Suspense fallback={null}>
            <UploadRows files={files} />
          </Suspense>
        </div>
      )}
      <Unfinished files={files} />
      {question}
      <div className={classes.foot}>
        <AttachButton files={files} />
        <Hindered id="hindered" hindrance={hindrance} />
        <Button
          type="submit"
          disabled={!reply.trim() || hindrance !== null}
          aria-describedby="hindered"
          variant={reopen ? 'default' : 'filled'}
        >
          {t(reopen ? 'reply.send_reopen' : 'reply.send')}
        </Button>
      </div>
    </form>
  );
}
