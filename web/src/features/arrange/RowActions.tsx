import { ActionIcon, Tooltip } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Confirm } from '~/ui/Confirm';
import { type Place, useExplain } from '~/ui/explain';
import { IconPencil, IconTrash } from '~/ui/icons';
import { notifyFailure } from '~/ui/notify';
import page from '~/ui/page.module.css';

type Props = {
  name: string;
  /** What taking it away means for what uses it. */
  text: string;
  /** Where it stands: it says what keeps it from being taken away. */
  place: Place | undefined;
  onEdit: () => void;
  /** Takes it away; null where that is not possible. */
  remove: (() => Promise<unknown>) | null;
  /** The lists in which it stands. */
  lists: readonly (readonly unknown[])[];
};

/** What can be done to one thing in a list: change it, or take it away after a question. */
export function RowActions({ name, text, place, onEdit, remove, lists }: Props) {
  const { t } = useTranslation('arrange');
  const client = useQueryClient();
  const explain = useExplain();
  const [asked, setAsked] = useState(false);
  const removal = useMutation({
    mutationFn: async () => remove?.(),
    onError: (error) => void notifyFailure(t('not_removed', { name }), explain(error, place)),
    onSettled: () =>
      Promise.all(lists.map((queryKey) => client.invalidateQueries({ queryKey: [...queryKey] }))),
  });
  return (
    <span className={page.buttons}>
      <Tooltip label={t('edit')}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('edit_label', { name })}
          onClick={onEdit}
        >
          <IconPencil size={18} />
        </ActionIcon>
      </Tooltip>
      {remove && (
        <Tooltip label={t('remove')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            loading={removal.isPending}
            aria-label={t('remove_label', { name })}
            onClick={() => setAsked(true)}
          >
            <IconTrash size={18} />
          </ActionIcon>
        </Tooltip>
      )}
      <Confirm
        opened={asked}
        title={t('remove_title', { name })}
        text={text}
        submit={t('remove_label', { name })}
        destructive
        onConfirm={() => removal.mutate()}
        onClose={() => setAsked(false)}
      />
    </span>
  );
}
