import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '~/api/types';
import { ErrorState } from '~/ui/ErrorState';
import { type Fact, Facts } from '~/ui/Facts';
import { Section } from '~/ui/Section';
import { labelOf } from '../arrange/label';
import { fieldList } from '../arrange/queries';
import { shownOf } from './values';

/** What a ticket has in the fields that its customer sees; nothing where it has nothing in them. */
export function FieldFacts({ ticket }: { ticket: Ticket }) {
  const { t, i18n } = useTranslation('portal');
  const given = (ticket.custom_fields ?? {}) as object;
  const isGiven = Object.keys(given).length > 0;
  const fields = useQuery({ ...fieldList, enabled: isGiven });
  if (!isGiven) return null;
  const words = { yes: t('fields.yes'), no: t('fields.no') };
  const facts = (fields.data ?? []).flatMap((field): Fact[] => {
    const shown = shownOf(field, given, i18n.language, words);
    return shown === null ? [] : [[labelOf(field, i18n.language), shown]];
  });
  if (facts.length === 0 && !fields.isError) return null;
  return (
    <Section id="fields" title={t('fields.title')}>
      {facts.length > 0 ? (
        <Facts facts={facts} />
      ) : (
        <ErrorState
          title={t('fields.error')}
          error={fields.error}
          onRetry={() => void fields.refetch()}
        />
      )}
    </Section>
  );
}
