import { Button, Combobox, useCombobox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Agent, Ticket } from '~/api/types';
import { fullName, Initials } from '~/ui/Initials';
import { IconChevronDown } from '~/ui/icons';
import { Outstanding } from '~/ui/Outstanding';
import { plain } from '~/ui/plain';
import { useCommand } from '../console/commands';
import { usePerson } from '../session/session';
import classes from './AssignMenu.module.css';
import { useChange } from './changes';
import { agentList } from './queries';

const NOBODY = 'nobody';
const NEXT = 'next';

/** Who takes care of a ticket; a search finds a colleague, oneself stands first. */
export function AssignMenu({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation(['tickets', 'desk']);
  const person = usePerson();
  const change = useChange(ticket);
  const list = useQuery(agentList);
  const agents = list.data ?? [];
  const [search, setSearch] = useState('');
  const box = useCombobox({
    onDropdownClose: () => {
      box.resetSelectedOption();
      box.focusTarget();
      setSearch('');
    },
  });
  const final = ticket.status === 'closed';
  useCommand('assign', final ? null : () => box.openDropdown());
  const choices = matching(agents, search, person.id, ticket.assigned_to);
  const shown = choices.map(({ id }) => id).join();
  // After the drawing that shows the list, not by a timer beside it: what is not drawn cannot have the keyboard.
  // biome-ignore lint/correctness/useExhaustiveDependencies: others are shown when these ids are others
  useEffect(() => {
    if (!box.dropdownOpened) return;
    box.searchRef.current?.focus({ preventScroll: true });
    // Enter alone takes a ticket or what was searched for; it does not hand one's own over.
    if (search || choices[0]?.id === person.id) box.selectFirstOption();
  }, [box.dropdownOpened, box.searchRef, box.selectFirstOption, shown]);

  function choose(value: string) {
    const to = value === NOBODY ? null : (agents.find(({ id }) => String(id) === value) ?? null);
    change.mutate(value === NEXT ? { kind: 'next' } : { kind: 'assign', to });
    box.closeDropdown();
  }
  const name = ticket.assignee ? fullName(ticket.assignee) : t('header.unassigned');
  return (
    <Combobox store={box} width={280} position="bottom-start" shadow="md" onOptionSubmit={choose}>
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <Button
          variant="default"
          size="xs"
          disabled={final}
          aria-haspopup="listbox"
          aria-expanded={box.dropdownOpened}
          leftSection={ticket.assignee && <Initials person={ticket.assignee} size={20} />}
          rightSection={final ? null : <IconChevronDown size={14} />}
          onClick={() => box.toggleDropdown()}
        >
          <span className="visually-hidden">{t('header.assign')}: </span>
          <span className={classes.name} title={name}>
            {name}
          </span>
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          aria-label={t('header.find_agent')}
          placeholder={t('header.find_agent')}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Combobox.Options mah={280} className={classes.options} aria-label={t('header.assign')}>
          {choices.map((agent) => (
            <Combobox.Option key={agent.id} value={String(agent.id)}>
              <span className={classes.agent}>
                <Initials person={agent} size={24} />
                <span>{agent.id === person.id ? t('header.to_me') : fullName(agent)}</span>
                <span className={classes.load}>
                  {t('header.load', { count: agent.open_tickets })}
                </span>
              </span>
            </Combobox.Option>
          ))}
          {!search && <Combobox.Option value={NEXT}>{t('desk:assign.next')}</Combobox.Option>}
          {ticket.status === 'in_progress' && !search && (
            <Combobox.Option value={NOBODY}>{t('header.unassign')}</Combobox.Option>
          )}
          {list.data && choices.length === 0 && (
            <Combobox.Empty>{t('header.no_agent')}</Combobox.Empty>
          )}
        </Combobox.Options>
        {!list.data && (
          <Combobox.Footer>
            <Outstanding query={list} />
          </Combobox.Footer>
        )}
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** Oneself first, then those with the least to do; the present assignee is no choice. */
export function matching(
  agents: Agent[],
  search: string,
  me: number,
  assigned: number | null | undefined,
): Agent[] {
  const wanted = plain(search.trim());
  return agents
    .filter((agent) => agent.id !== assigned && plain(fullName(agent)).includes(wanted))
    .sort((a, b) => Number(b.id === me) - Number(a.id === me) || a.open_tickets - b.open_tickets);
}
