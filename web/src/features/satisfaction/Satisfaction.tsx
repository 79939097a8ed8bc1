import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { fullName } from '~/ui/Initials';
import { PanelSection } from '../tickets/PanelSection';
import { Given } from './Given';
import { ratingsOf } from './queries';
import classes from './Rating.module.css';

/** How content the customer was with each resolution, beside the ticket; nothing is there while nobody has said. */
export function Satisfaction({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('csat');
  const list = useQuery(ratingsOf(ticket.id, ticket.version));
  const answers = list.data?.data ?? [];
  if (answers.length === 0) return null;
  return (
    <PanelSection title={t('panel')}>
      <ul className={classes.list}>
        {answers.map((answer) => (
          <li key={answer.id}>
            <Given
              given={answer}
              by={answer.agent ? t('resolved_by', { name: fullName(answer.agent) }) : undefined}
            />
          </li>
        ))}
      </ul>
    </PanelSection>
  );
}
