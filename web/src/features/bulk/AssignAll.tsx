import { Button, Combobox, useCombobox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconChevronDown } from '~/ui/icons';
import { handleOf } from '../mentions/named';
import { usePerson } from '../session/session';
import { matching } from '../tickets/AssignMenu';
import assign from '../tickets/AssignMenu.module.css';
import { agentList } from '../tickets/queries';
import type { Change } from './useBulk';

const NOBODY = 'nobody';

/** Who gets all of them; a search finds a colleague, oneself stands first. */
export function AssignAll(props: { pending: boolean; onChange: (change: Change) => void }) {
  const { t } = useTranslation(['desk', 'tickets']);
  const me = usePerson().id;
  const { data: agents = [] } = useQuery(agentList);
  const [search, setSearch] = useState('');
  const box = useCombobox({
    onDropdownClose: () => {
      box.resetSelectedOption();
      box.focusTarget();
      setSearch('');
    },
  });
  const choices = matching(agents, search, me, null);
  // After the drawing that shows the list: what is not drawn cannot have the keyboard.
  useEffect(() => {
    if (!box.dropdownOpened) return;
    box.searchRef.current?.focus({ preventScroll: true });
    if (search) box.selectFirstOption();
  }, [box.dropdownOpened, box.searchRef, box.selectFirstOption, search]);
  function choose(value: string) {
    const whom = Number(value) === me ? 'me' : Number(value);
    props.onChange({ action: 'assign', assigned_to: value === NOBODY ? null : whom });
    box.closeDropdown();
  }
  return (
    <Combobox store={box} width={280} position="bottom-start" shadow="md" onOptionSubmit={choose}>
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <Button
          size="compact-sm"
          variant="default"
          disabled={props.pending}
          aria-haspopup="listbox"
          aria-expanded={box.dropdownOpened}
          rightSection={<IconChevronDown size={14} />}
          onClick={() => box.toggleDropdown()}
        >
          {t('bulk.assign')}
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          aria-label={t('tickets:header.find_agent')}
          placeholder={t('tickets:header.find_agent')}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Combobox.Options mah={280} className={assign.options} aria-label={t('bulk.assign')}>
          {choices.map((agent) => (
            <Combobox.Option key={agent.id} value={String(agent.id)}>
              {agent.id === me ? t('tickets:header.to_me') : handleOf(agent, agents)}
            </Combobox.Option>
          ))}
          {!search && (
            <Combobox.Option value={NOBODY}>{t('tickets:header.unassign')}</Combobox.Option>
          )}
          {search && choices.length === 0 && (
            <Combobox.Empty>{t('tickets:header.no_agent')}</Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
