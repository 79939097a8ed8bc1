import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../arrange/FormDialog';
import { TagField } from '../tags/TagField';
import type { Change } from './useBulk';

/** Asks which tags come and which go. */
export function BulkTags(props: {
  count: number;
  onChange: (change: Change) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation('desk');
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const [tried, setTried] = useState(false);
  const nothing = add.length + remove.length === 0;
  function submit() {
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
    <FormDialog
      title={t('bulk.tags_title', { count: props.count })}
      submit={t('bulk.tags_submit', { count: props.count })}
      dirty={!nothing}
      onSubmit={submit}
      onClose={props.onClose}
    >
      <TagField
        label={t('bulk.add')}
        value={add}
        onChange={setAdd}
        error={tried && nothing ? t('bulk.no_tags') : null}
        autoFocus
      />
      <TagField label={t('bulk.remove')} value={remove} onChange={setRemove} />
    </FormDialog>
  );
}
