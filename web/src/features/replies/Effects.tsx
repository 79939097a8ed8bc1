import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Effect, Priority, Status } from '~/api/types';
import { useCodeWords } from '~/ui/explain';
import { fullName } from '~/ui/Initials';
import { teamList } from '../arrange/queries';
import { placeOf } from '../bulk/outcome';
import { agentList } from '../tickets/queries';
import classes from './Picker.module.css';

/** What a macro would change, each with what it is now, and what would be refused and why. */
export function Effects({ effects }: { effects: Effect[] }) {
  const { t } = useTranslation('desk');
  const { t: common } = useTranslation();
  const words = useCodeWords();
  const said = useValue();
  if (effects.length === 0) return null;
  const why = (effect: Effect, code: string) =>
    words(code, placeOf(effect)) ?? common('errors.unexpected');
  return (
    <ul className={classes.effects} aria-label={t('effect.label')}>
      {effects.map((effect, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps in their order; the same may stand twice.
        <li key={index} data-refused={effect.refused ? true : undefined}>
          <strong>{t(`effect.${effect.action}`)}</strong>: {said(effect, effect.from)} →{' '}
          {said(effect, effect.to)}
          {effect.refused && <span className={classes.why}>{why(effect, effect.refused)}</span>}
        </li>
      ))}
    </ul>
  );
}

/** A property's value in words. */
function useValue(): (effect: Effect, value: string | null | undefined) => string {
  const { t } = useTranslation(['desk', 'tickets']);
  const { data: agents = [] } = useQuery(agentList);
  const { data: teams = [] } = useQuery(teamList);
  return ({ action }, value) => {
    if (value === null || value === undefined || value === '') return t('effect.nothing');
    if (action === 'status') return t(`tickets:status.${value as Status}`);
    if (action === 'priority') return t(`tickets:priority.${value as Priority}`);
    if (action === 'team') return teams.find(({ id }) => String(id) === value)?.name ?? `#${value}`;
    if (action !== 'assign') return value;
    const agent = agents.find(({ id }) => String(id) === value);
    return agent ? fullName(agent) : `#${value}`;
  };
}
