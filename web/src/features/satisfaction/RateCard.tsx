import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { Section } from '~/ui/Section';
import { Given } from './Given';
import { ticketQuestion } from './queries';
import { RatingForm } from './RatingForm';

/** Asks a customer beside their ticket what the mail asks; nothing is there while nothing is asked. */
export function RateCard({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation('csat');
  const client = useQueryClient();
  const question = useQuery(ticketQuestion(ticket.id));
  const [isOpen, setIsOpen] = useState(false);
  const asked = question.data;
  if (!asked?.token) return null;
  const isForm = isOpen || !asked.answer;
  return (
    <Section id="rate" title={t('title')} text={isForm ? undefined : t('thanks')}>
      {isForm ? (
        <RatingForm
          token={asked.token}
          answer={asked.answer}
          onSaved={(answer) => {
            client.setQueryData(ticketQuestion(ticket.id).queryKey, { ...asked, answer });
            setIsOpen(false);
          }}
        />
      ) : (
        asked.answer && (
          <>
            <Given given={asked.answer} />
            <div>
              <Button variant="default" size="xs" onClick={() => setIsOpen(true)}>
                {t('change')}
              </Button>
            </div>
          </>
        )
      )}
    </Section>
  );
}
