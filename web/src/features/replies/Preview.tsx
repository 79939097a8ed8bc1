import { Alert, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { Filled, Ticket } from '~/api/types';
import { ErrorState } from '~/ui/ErrorState';
import { useExplain } from '~/ui/explain';
import { IconLock } from '~/ui/icons';
import { Body } from '../messages/Body';
import { Effects } from './Effects';
import classes from './Picker.module.css';
import { type Choice, filledFor } from './queries';
import { useApplyMacro } from './useApplyMacro';

type Props = {
  choice: Choice;
  ticket: Ticket;
  /** The button that does it, for the keyboard of the list beside. */
  act: RefObject<HTMLButtonElement | null>;
  onText: (text: string) => void;
  onClose: () => void;
};

/** What a choice says and does for this ticket, and the button that does it, unless something is missing. */
export function Preview({ choice, ticket, act, onText, onClose }: Props) {
  const { t } = useTranslation('desk');
  const explain = useExplain();
  const filled = useQuery(filledFor(choice, ticket));
  const apply = useApplyMacro(ticket, onClose);
  if (filled.isError) {
    return (
      <ErrorState
        title={t('picker.preview_error')}
        error={filled.error}
        onRetry={() => void filled.refetch()}
      />
    );
  }
  const says = filled.data;
  const internal = choice.kind === 'macro' && choice.of.is_internal;
  return (
    <section className={classes.preview} aria-label={t('picker.preview')} aria-busy={!says}>
      {says?.message && (
        <div className={classes.says} data-internal={internal || undefined}>
          {internal && (
            <p className={classes.internal}>
              <IconLock size={14} aria-hidden="true" /> {t('picker.internal')}
            </p>
          )}
          <Body html={says.message_html ?? ''} text={says.message} />
        </div>
      )}
      {says && <Effects effects={says.effects} />}
      {says && <Missing filled={says} />}
      {apply.isError && (
        <Alert color="red" variant="light" role="alert">
          {explain(apply.error)}
        </Alert>
      )}
      <Button
        ref={act}
        disabled={!says || isRefused(says)}
        loading={apply.isPending}
        onClick={() =>
          choice.kind === 'macro' ? apply.mutate(choice.of.id) : onText(says?.message ?? '')
        }
      >
        {t(
          choice.kind === 'reply'
            ? 'picker.insert'
            : sends(choice, says)
              ? 'picker.send'
              : 'picker.apply',
        )}
      </Button>
    </section>
  );
}

/** Whether using it sends something to the customer at once. */
function sends(choice: Choice, says: Filled | undefined): boolean {
  return choice.kind === 'macro' && !choice.of.is_internal && Boolean(says?.message);
}

function isRefused({ unresolved, effects }: Filled): boolean {
  return unresolved.length > 0 || effects.some(({ refused }) => refused);
}

/** The placeholders that have no value here: nothing is said with holes in it. */
function Missing({ filled: { unresolved } }: { filled: Filled }) {
  const { t } = useTranslation('desk');
  if (unresolved.length === 0) return null;
  return (
    <Alert color="red" variant="light" role="alert" title={t('picker.missing')}>
      <ul className={classes.missing}>
        {unresolved.map((name) => (
          <li key={name}>
            <code>{`{{${name}}}`}</code>
          </li>
        ))}
      </ul>
    </Alert>
  );
}
