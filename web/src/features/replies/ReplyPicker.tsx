import { Modal, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { IconBolt, IconMessages } from '~/ui/icons';
import { choicesFor } from './choices';
import classes from './Picker.module.css';
import { Preview } from './Preview';
import { type Choice, idOf, macroList, replyList } from './queries';

/** For so long the keyboard has rested on a choice when it is asked what it says. */
const PAUSE = 150;

type Props = {
  ticket: Ticket;
  onText: (text: string) => void;
  /** A slash was meant, not a choice. */
  onSlash: () => void;
  onClose: () => void;
};

/** Finds a canned reply or a macro, shows what it says for this ticket, and uses it. */
export function ReplyPicker({ ticket, onText, onSlash, onClose }: Props) {
  const { t } = useTranslation('desk');
  const { t: common } = useTranslation();
  const replies = useQuery(replyList);
  const macros = useQuery(macroList);
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const act = useRef<HTMLButtonElement>(null);
  const choices = choicesFor(replies.data ?? [], macros.data ?? [], typed);
  const chosen = choices[Math.min(at, choices.length - 1)] ?? null;
  const [settled] = useDebouncedValue(chosen, PAUSE);
  const failed = replies.error ?? macros.error;

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((now) => Math.min(Math.max(now + step, 0), choices.length - 1));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      // A reply is only put into the field; a macro acts, so it is looked at once more.
      const ready = chosen && settled && idOf(settled) === idOf(chosen);
      if (ready && !act.current?.disabled) {
        if (chosen.kind === 'reply') act.current?.click();
        else act.current?.focus();
      }
    } else if (event.key === '/' && typed === '') {
      event.preventDefault();
      onSlash();
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('picker.title')}
      size="xl"
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {failed ? (
        <ErrorState
          title={t('picker.error')}
          error={failed}
          onRetry={() => void Promise.all([replies.refetch(), macros.refetch()])}
        />
      ) : (
        <div className={classes.picker}>
          <Choices
            {...{ typed, choices, chosen, onKeyDown }}
            loading={replies.isPending || macros.isPending}
            onTyped={(words) => {
              setTyped(words);
              setAt(0);
            }}
            onChoose={setAt}
          />
          {chosen && settled && idOf(chosen) === idOf(settled) && (
            <Preview
              key={idOf(settled)}
              act={act}
              choice={settled}
              ticket={ticket}
              onText={onText}
              onClose={onClose}
            />
          )}
        </div>
      )}
    </Modal>
  );
}

function Choices(props: {
  typed: string;
  choices: Choice[];
  chosen: Choice | null;
  loading: boolean;
  onTyped: (words: string) => void;
  onChoose: (at: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}) {
  const { t } = useTranslation('desk');
  const list = useId();
  const { choices, chosen } = props;
  const optionOf = (choice: Choice) => `${list}-${idOf(choice)}`;
  return (
    <div className={classes.choices}>
      <TextInput
        data-autofocus
        role="combobox"
        aria-label={t('picker.search')}
        placeholder={t('picker.search')}
        aria-expanded
        aria-controls={list}
        aria-activedescendant={chosen ? optionOf(chosen) : undefined}
        autoComplete="off"
        value={props.typed}
        onChange={(event) => props.onTyped(event.currentTarget.value)}
        onKeyDown={props.onKeyDown}
      />
      <div id={list} role="listbox" aria-label={t('picker.title')} className={classes.list}>
        {choices.map((choice, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and moves through the options
          // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are those of the field
          <div
            key={idOf(choice)}
            id={optionOf(choice)}
            role="option"
            aria-selected={choice === chosen}
            className={classes.option}
            ref={(element) => {
              if (choice === chosen) element?.scrollIntoView?.({ block: 'nearest' });
            }}
            onClick={() => props.onChoose(index)}
          >
            {choice.kind === 'macro' ? (
              <IconBolt size={16} aria-label={t('picker.macro')} />
            ) : (
              <IconMessages size={16} aria-label={t('picker.reply')} />
            )}
            <span>{choice.of.name}</span>
          </div>
        ))}
      </div>
      {choices.length === 0 && !props.loading && (
        <EmptyState title={t(props.typed ? 'picker.none_found' : 'picker.none')} />
      )}
      <Link to="/settings/replies" className={classes.keep}>
        {t('picker.keep')}
      </Link>
    </div>
  );
}
