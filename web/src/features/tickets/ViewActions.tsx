import { ActionIcon, Menu } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, unwrap } from '~/api/client';
import type { SavedView } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { useExplain } from '~/ui/explain';
import { IconDots, IconPencil, IconTrash } from '~/ui/icons';
import { notifyFailure } from '~/ui/notify';
import { mayArrange } from '../session/may';
import { usePerson } from '../session/session';
import { keys } from './keys';
import { RenameView } from './SaveView';

/** What can be done to the saved view that is shown, by those who keep it. */
export function ViewActions({ view }: { view: SavedView }) {
  const { t } = useTranslation('desk');
  const person = usePerson();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<'rename' | 'remove' | null>(null);
  const remove = useRemoveView(view, () => void navigate({ to: '/', search: {} }));
  if (view.scope === 'everybody' && !mayArrange(person)) return null;
  const { name } = view;
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            loading={remove.isPending}
            aria-label={t('save.actions', { name })}
          >
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
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
