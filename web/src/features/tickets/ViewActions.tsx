import { ActionIcon, Menu } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { SavedView } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { useExplain } from '~/ui/explain';
import {
  IconChevronDown,
  IconChevronUp,
  IconDots,
  IconFilter,
  IconPencil,
  IconTrash,
} from '~/ui/icons';
import { notifyFailure } from '~/ui/notify';
import { mayArrange } from '../session/may';
import { usePerson } from '../session/session';
import { keys } from './keys';
import { moved } from './moved';
import { isNarrowed, type Narrowing } from './narrowing';
import { viewList } from './queries';
import { RenameView } from './SaveView';
import { savable } from './savable';
import { useChangeView } from './useChangeView';

const MOVES = [
  { by: -1, name: 'up', Icon: IconChevronUp },
  { by: 1, name: 'down', Icon: IconChevronDown },
] as const;

/** What can be done to the saved view that is shown, by those who keep it. */
export function ViewActions({ view, narrowing }: { view: SavedView; narrowing: Narrowing }) {
  const { t } = useTranslation('desk');
  const person = usePerson();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<'rename' | 'remove' | null>(null);
  const remove = useRemoveView(view, () => void navigate({ to: '/', search: {} }));
  const change = useChangeView(view.name);
  const { data: views } = useQuery(viewList);
  /** Its own words and those that narrow it are its words from now on. */
  function update() {
    const filter = savable(String(view.id), view, narrowing);
    if (!filter) return;
    const back = () => void navigate({ to: '/', search: { view: String(view.id) } });
    change.mutate([{ view, to: { filter } }], { onSuccess: back });
  }
  if (view.scope === 'everybody' && !mayArrange(person)) return null;
  const { name } = view;
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            loading={remove.isPending || change.isPending}
            aria-label={t('save.actions', { name })}
          >
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {isNarrowed(narrowing) && (
            <Menu.Item leftSection={<IconFilter size={16} />} onClick={update}>
              {t('save.update')}
            </Menu.Item>
          )}
          {MOVES.map(({ by, name: way, Icon }) => {
            const places = moved(views?.data ?? [], view, by);
            if (places.length === 0) return null;
            const steps = places.map(({ view: one, position }) => ({
              view: one,
              to: { position },
            }));
            return (
              <Menu.Item
                key={way}
                leftSection={<Icon size={16} />}
                onClick={() => change.mutate(steps)}
              >
                {t(`save.${way}`)}
              </Menu.Item>
            );
          })}
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setAsked('rename')}>
            {t('save.rename')}
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => setAsked('remove')}>
            {t('save.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asked === 'rename' && <RenameView view={view} onClose={() => setAsked(null)} />}
      <Confirm
        opened={asked === 'remove'}
        title={t('save.remove_title', { name })}
        text={t(view.scope === 'own' ? 'save.remove_text' : 'save.remove_shared_text')}
        submit={t('save.remove_submit', { name })}
        destructive
        onConfirm={() => remove.mutate()}
        onClose={() => setAsked(null)}
      />
    </>
  );
}

/** Takes a view away; the tickets in it stay. */
function useRemoveView(view: SavedView, onGone: () => void) {
  const client = useQueryClient();
  const { t } = useTranslation('desk');
  const explain = useExplain();
  return useMutation({
    mutationFn: () =>
      unwrap(app.DELETE('/api/v1/views/{view}', { params: { path: { view: view.id } } })),
    onSuccess: onGone,
    onError: (error) =>
      void notifyFailure(t('save.remove_failed', { name: view.name }), explain(error)),
    onSettled: () =>
      Promise.all(
        [keys.views, keys.viewCounts].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  });
}
