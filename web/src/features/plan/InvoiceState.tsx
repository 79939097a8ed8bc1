import { useTranslation } from 'react-i18next';
import type { Invoice } from '~/api/types';
import { Mark, type Tone } from '~/ui/Mark';

type State = Invoice['state'];

/** Where an invoice can stand. */
export const STATES = ['draft', 'issued', 'paid', 'void'] as const satisfies readonly State[];

const TONES: Record<State, Tone> = { draft: 'busy', issued: 'near', paid: 'good', void: 'still' };

/** Where an invoice stands, in a word. */
export function InvoiceState({ state }: { state: State }) {
  const { t } = useTranslation('plan');
  return <Mark tone={TONES[state]}>{t(`invoice.states.${state}`)}</Mark>;
}
