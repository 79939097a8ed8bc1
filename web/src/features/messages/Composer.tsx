import { ActionIcon, Button, Kbd, Menu, SegmentedControl, Textarea, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type RefObject, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { IconChevronDown, IconLock, IconTemplate } from '~/ui/icons';
import { Attach } from '../attachments/Attach';
import { useForgotten } from '../attachments/Forgotten';
import { Hindered } from '../attachments/Hindered';
import { UploadRows } from '../attachments/lazily';
import { hindranceOf } from '../attachments/row';
import { takeFiles } from '../attachments/rows';
import { Unfinished } from '../attachments/Unfinished';
import { type Files, useFiles } from '../attachments/useFiles';
import { useWaiting } from '../attachments/useWaiting';
import { useCommand } from '../console/commands';
import { Colleagues } from '../mentions/Colleagues';
import { useNaming } from '../mentions/useNaming';
import { atLineStart, withText } from '../replies/choices';
import { ReplyPicker } from '../replies/ReplyPicker';
import classes from './Composer.module.css';
import { changeDraft, draftOf, type Mode, useDraft } from './drafts';
import { type Then, useSendAnd } from './sendAnd';
import { type Kept, keptDraft, useKeptDraft } from './useKeptDraft';

/** The longest message that the server takes. */
const LONGEST = 65_536;

const modeOf = (ticketId: number) => draftOf(ticketId).mode;

/** Where staff write: a reply to the customer, or a note that tints the whole box. */
export function Composer({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('messages');
  if (ticket.status === 'closed') {
    return <p className={classes.closed}>{t('composer.closed')}</p>;
  }
  return <Writing ticket={ticket} />;
}

function Writing({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('messages');
  const draft = useDraft(ticket.id);
  const kept = useKeptDraft(ticket.id);
  const field = useRef<HTMLTextAreaElement>(null);
  const { send, choices } = useSendAnd(ticket);
  const [picking, setPicking] = useState(false);
  const text = draft[draft.mode];
  const files = useFiles(`${ticket.id} ${draft.mode}`);
  useWaiting({ ticketId: ticket.id, modeOf, ready: !useQuery(keptDraft(ticket.id)).isPending });
  const { unlessForgotten, question } = useForgotten();
  const over = text.length - LONGEST;
  const hindrance = hindranceOf(files.rows, text.trim() !== '');
  const ready = text.trim() !== '' && over <= 0 && hindrance === null;
  const name = ticket.requester.firstname;

  function write(mode: Mode) {
    changeDraft(ticket.id, { mode });
    field.current?.focus();
  }
  useCommand('reply', () => write('reply'));
  useCommand('note', () => write('note'));
  useCommand('macro', () => setPicking(true));

  function submit(then: Then | null) {
    if (!ready) return field.current?.focus();
    unlessForgotten(text, files.rows.length, () => {
      const enclosed = takeFiles(files.place);
      send({ text: text.trim(), mode: draft.mode, files: enclosed }, then);
    });
    field.current?.focus();
  }
  const insert = useInserting(ticket.id, field);
  const naming = useNaming({ on: draft.mode === 'note', text, insert });
  function put(added: string) {
    insert(added);
    setPicking(false);
  }
  return (
    <section className={classes.composer} data-mode={draft.mode} aria-label={t('composer.label')}>
      <Modes mode={draft.mode} onMode={write} />
      <Textarea
        ref={field}
        variant="unstyled"
        autosize
        minRows={2}
        maxRows={14}
        value={text}
        aria-label={t(`composer.${draft.mode}_field`, { name })}
        placeholder={t(`composer.${draft.mode}_placeholder`, { name })}
        error={over > 0 ? t('composer.too_long', { count: over }) : null}
        onChange={(event) => {
          changeDraft(ticket.id, { [draft.mode]: event.currentTarget.value });
          naming.look(event.currentTarget);
        }}
        onKeyDown={(event) => {
          if (naming.onKeyDown(event)) return;
          answerKey(event, { send: () => submit(null), pick: () => setPicking(true) });
        }}
        onBlur={naming.leave}
        onClick={naming.leave}
        {...naming.aria}
        classNames={{ input: classes.input }}
      />
      {draft.mode === 'note' && <Colleagues naming={naming} />}
      {files.rows.length > 0 && (
        <Suspense fallback={null}>
          <UploadRows files={files} />
        </Suspense>
      )}
      <Unfinished files={files} />
      {question}
      <div className={classes.foot}>
        <Beside kept={kept} files={files} onPick={() => setPicking(true)} />
        <Hindered id={`hindered-${ticket.id}`} hindrance={hindrance} />
        <Sending
          mode={draft.mode}
          ready={ready}
          why={`hindered-${ticket.id}`}
          choices={draft.mode === 'reply' ? choices : []}
          onSend={submit}
        />
      </div>
      {picking && (
        <ReplyPicker
          ticket={ticket}
          onText={put}
          onSlash={() => put('/')}
          onClose={() => setPicking(false)}
        />
      )}
    </section>
  );
}

/** Puts a text in where the cursor is, or in the place of what stands before it, and the cursor behind it. */
function useInserting(ticketId: number, field: RefObject<HTMLTextAreaElement | null>) {
  return (added: string, from?: number) => {
    const { mode, [mode]: text } = draftOf(ticketId);
    const next = withText(text, field.current?.selectionStart ?? text.length, added, from);
    changeDraft(ticketId, { [mode]: next.text });
    // The field has the text, and the dialog its focus, only after the next drawing.
    setTimeout(() => {
      field.current?.focus();
      field.current?.setSelectionRange(next.at, next.at);
    });
  };
}

/** The keys of the field: one sends, one finds what is often written, one leaves. */
function answerKey(
  event: KeyboardEvent<HTMLTextAreaElement>,
  { send, pick }: { send: () => void; pick: () => void },
): void {
  const { value, selectionStart, selectionEnd } = event.currentTarget;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    send();
  }
  if (event.key === '/' && atLineStart(value, selectionStart, selectionEnd)) {
    event.preventDefault();
    pick();
  }
  if (event.key === 'Escape') event.currentTarget.blur();
}

/** Whether a reply is written or a note, and who sees that. */
function Modes({ mode, onMode }: { mode: Mode; onMode: (mode: Mode) => void }) {
  const { t } = useTranslation('messages');
  return (
    <div className={classes.tabs}>
      <SegmentedControl
        size="xs"
        aria-label={t('composer.mode')}
        value={mode}
        onChange={(chosen) => onMode(chosen as Mode)}
        data={[
          { value: 'reply', label: t('composer.reply') },
          { value: 'note', label: t('composer.note') },
        ]}
      />
      {mode === 'note' && (
        <span className={classes.warning}>
          <IconLock size={14} aria-hidden="true" /> {t('note_hint')}
        </span>
      )}
    </div>
  );
}

/** Files, canned replies and macros, the key that sends, and whether what is written is kept. */
function Beside({ kept, files, onPick }: { kept: Kept; files: Files; onPick: () => void }) {
  const { t } = useTranslation('messages');
  return (
    <span className={classes.beside}>
      <Attach files={files} />
      <Tooltip label={`${t('composer.pick')} (/)`}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('composer.pick')}
          aria-haspopup="dialog"
          onClick={onPick}
        >
          <IconTemplate size={18} />
        </ActionIcon>
      </Tooltip>
      <span className={classes.hint}>
        <Kbd size="xs">Ctrl</Kbd> + <Kbd size="xs">↵</Kbd>
      </span>
      <span role="status" className={classes.kept} data-failed={kept === 'failed' || undefined}>
        {kept && t(`composer.draft_${kept}`)}
      </span>
    </span>
  );
}

function Sending(props: {
  mode: Mode;
  ready: boolean;
  /** The id of what says why it is not. */
  why: string;
  choices: Then[];
  onSend: (then: Then | null) => void;
}) {
  const { t } = useTranslation('messages');
  const { ready, choices, onSend } = props;
  return (
    <Button.Group>
      <Button size="xs" disabled={!ready} aria-describedby={props.why} onClick={() => onSend(null)}>
        {props.mode === 'note' ? t('composer.save_note') : t('composer.send')}
      </Button>
      {choices.length > 0 && (
        <Menu position="top-end" shadow="md">
          <Menu.Target>
            <ActionIcon
              size={30}
              disabled={!ready}
              aria-label={t('composer.menu')}
              radius="0 8px 8px 0"
            >
              <IconChevronDown size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {choices.map((then) => (
              <Menu.Item key={then} onClick={() => onSend(then)}>
                {t(`composer.send_${then}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </Button.Group>
  );
}
