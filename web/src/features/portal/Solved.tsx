import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { useDecision } from './decide';
import classes from './Solved.module.css';

/** Asks the one question that ends a ticket well. */
export function Solved({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('portal');
  const decide = useDecision(ticket);
  return (
    <section className={classes.solved} aria-labelledby="solved">
      <div>
        <h2 id="solved">{t('solved.title')}</h2>
        <p>{t('solved.text')}</p>
      </div>
      <div className={classes.answers}>
        <Button
          color="#1b7a43"
          loading={decide.isPending && decide.variables === 'confirm'}
          disabled={decide.isPending}
          onClick={() => decide.mutate('confirm')}
        >
          {t('solved.confirm')}
        </Button>
        <Button
          variant="default"
          loading={decide.isPending && decide.variables === 'reopen'}
          disabled={decide.isPending}
          onClick={() => decide.mutate('reopen')}
        >
          {t('solved.reopen')}
        </Button>
      </div>
    </section>
  );
}
