import { Button, Group, Modal } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TagField } from '../tags/TagField';
import type { Change } from './useBulk';

/** Asks which tags come and which go. */
export function BulkTags(props: {
  count: number;
  onChange: (change: Change) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation('desk');
  const { t: common } = useTranslation();
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const [tried, setTried] = useState(false);
  const nothing = add.length + remove.length === 0;
  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (nothing) return;
    // An empty list would say that tags come, and none does.
    props.onChange({
      action: 'tags',
      ...(add.length > 0 && { add }),
      ...(remove.length > 0 && { remove }),
    });
    props.onClose();
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('bulk.tags_title', { count: props.count })}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form onSubmit={submit} noValidate>
        <TagField
          label={t('bulk.add')}
          value={add}
          onChange={setAdd}
          error={tried && nothing ? t('bulk.no_tags') : null}
          autoFocus
        />
        <TagField label={t('bulk.remove')} value={remove} onChange={setRemove} mt="sm" />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={props.onClose}>
            {common('cancel')}
          </Button>
          <Button type="submit">{t('bulk.tags_submit', { count: props.count })}</Button>
        </Group>
      </form>
    </Modal>
  );
}
