import { Select, type SelectProps } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { plain } from '~/ui/plain';
import { handleOf } from '../mentions/named';
import { agentList } from '../tickets/queries';
import { type Choice, withChosen } from './chosen';

type Props = Pick<SelectProps, 'label' | 'aria-label' | 'description' | 'error' | 'size'> & {
  /** An id, or one of `first`. */
  value: string;
  onChange: (value: string) => void;
  /** What can be chosen in the place of a colleague. */
  first: Choice[];
  /** Who cannot be chosen. */
  but?: number;
  /** Whether it stands in something that closes on a click beside it. */
  inside?: boolean;
};

/** One of the colleagues, found by a part of the name; whoever was chosen and has gone is named so. */
export function AgentField({ value, onChange, first, but, inside, ...look }: Props) {
  const { t } = useTranslation('arrange');
  const { data: agents } = useQuery(agentList);
  const others = (agents ?? []).filter(({ id }) => id !== but);
  const choices = [
    ...first,
    ...others.map((agent) => ({ value: String(agent.id), label: handleOf(agent, others) })),
  ];
  return (
    <Select
      {...look}
      searchable
      selectFirstOptionOnChange
      allowDeselect={false}
      autoComplete="off"
      value={value}
      // What is typed takes the place of the name that stands there.
      onFocus={(event) => event.currentTarget.select()}
      onClick={(event) => event.currentTarget.select()}
      onChange={(chosen) => onChange(chosen ?? '')}
      data={withChosen(choices, [value], (id) => (agents ? t('gone.agent', { id }) : '…'))}
      filter={({ options, search }) =>
        options.filter((one) => 'label' in one && plain(one.label).includes(plain(search.trim())))
      }
      nothingFoundMessage={t('no_agent')}
      comboboxProps={{ withinPortal: !inside }}
    />
  );
}
