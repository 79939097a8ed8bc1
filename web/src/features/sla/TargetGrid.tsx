import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Priority } from '~/api/types';
import { PriorityMark } from '../tickets/Marks';
import classes from './SlaPage.module.css';

export const PRIORITIES: Priority[] = ['urgent', 'high', 'medium', 'low'];
const CLOCKS = ['response', 'resolution'] as const;

/** What is promised, as it is typed. */
export type TypedTargets = Record<Priority, { response: string; resolution: string }>;

/** What is promised at each priority. */
export function TargetGrid(props: {
  targets: TypedTargets;
  faults: Record<string, string>;
  onChange: (targets: TypedTargets) => void;
}) {
  const { t } = useTranslation(['arrange', 'tickets', 'sla']);
  const { targets, faults, onChange } = props;
  return (
    <div>
      <table className={classes.targets}>
        <caption>{t('sla.targets')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('tickets:priority.label')}</th>
            {CLOCKS.map((clock) => (
              <th key={clock} scope="col">
                {t(`sla:clock.${clock}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {PRIORITIES.map((priority) => (
            <tr key={priority}>
              <th scope="row">
                <PriorityMark priority={priority} />
              </th>
              {CLOCKS.map((clock) => (
                <td key={clock}>
                  <TextInput
                    size="xs"
                    aria-label={`${t(`tickets:priority.${priority}`)}: ${t(`sla:clock.${clock}`)}`}
                    autoComplete="off"
                    value={targets[priority][clock]}
                    error={faults[`targets.${priority}.${clock}`]}
                    onChange={({ currentTarget: { value } }) =>
                      onChange({
                        ...targets,
                        [priority]: { ...targets[priority], [clock]: value },
                      })
                    }
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={classes.hint}>{t('sla.targets_text')}</p>
    </div>
  );
}
