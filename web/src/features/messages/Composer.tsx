import { ActionIcon, Button, Kbd, Menu, SegmentedControl, Textarea } from '@mantine/core';
import { type KeyboardEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { IconChevronDown, IconLock } from '~/ui/icons';
import { useCommand } from '../console/commands';
import classes from './Composer.module.css';
import { changeDraft, type Mode, useDraft } from './drafts';
import { type Then, useSendAnd } from './sendAnd';

/** The longest message that the server takes. */
const LONGEST = 65_536;

/** Where staff write: a reply to the customer, or a note that tints the whole box. */
export function Composer({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('messages');
  const draft = useDraft(ticket.id);
  const field = useRef<HTMLTextAreaElement>(null);
  const { send, choices } = useSendAnd(ticket);
  const text = draft[draft.mode];
  const over = text.length - LONGEST;
  const ready = text.trim() !== '' && over <= 0;
  const name = ticket.requester.firstname;

  function write(mode: Mode) {
    changeDraft(ticket.id, { mode });
    field.current?.focus();
  }
  useCommand('reply', () => write('reply'));
  useCommand('note', () => write('note'));

  function submit(then: Then | null) {
    if (ready) send({ text: text.trim(), mode: draft.mode }, then);
    field.current?.focus();
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit(null);
    }
    if (event.key === 'Escape') field.current?.blur();
  }

  if (ticket.status === 'closed') {
    return <p className={classes.closed}>{t('composer.closed')}</p>;
  }
  return (
    <section className={classes.composer} data-mode={draft.mode} aria-label={t('composer.label')}>
      <div className={classes.tabs}>
        <SegmentedControl
          size="xs"
          aria-label={t('composer.mode')}
          value={draft.mode}
          onChange={(mode) => write(mode as Mode)}
          data={[
            { value: 'reply', label: t('composer.reply') },
            { value: 'note', label: t('composer.note') },
          ]}
        />
        {draft.mode === 'note' && (
          <span className={classes.warning}>
            <IconLock size={14} aria-hidden="true" /> {t('note_hint')}
          </span>
        )}
      </div>
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
        onChange={(event) => changeDraft(ticket.id, { [draft.mode]: event.currentTarget.value })}
        onKeyDown={onKeyDown}
        classNames={{ input: classes.input }}
      />
      <div className={classes.foot}>
        <span className={classes.hint}>
          <Kbd size="xs">Ctrl</Kbd> + <Kbd size="xs">↵</Kbd>
        </span>
        <Button.Group>
          <Button size="xs" disabled={!ready} onClick={() => submit(null)}>
            {draft.mode === 'note' ? t('composer.save_note') : t('composer.send')}
          </Button>
          {draft.mode === 'reply' && choices.length > 0 && (
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
                  <Menu.Item key={then} onClick={() => submit(then)}>
                    {t(`composer.send_${then}`)}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
        </Button.Group>
      </div>
    </section>
  );
}
