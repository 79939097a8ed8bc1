import { Button } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileShare } from '~/api/types';
import { useExplain } from '~/ui/explain';
import page from '~/ui/page.module.css';
import { AgentField } from '../arrange/AgentField';
import { fieldErrors } from '../session/fields';
import { Refusal } from '../session/Refusal';
import { usePerson } from '../session/session';
import { useShare } from './useShare';

/** Gives a file to one of the colleagues, whatever tickets they see. */
export function WithColleague(props: {
  file: number;
  /** The id of who was chosen, or nothing. */
  colleague: string;
  onColleague: (id: string) => void;
  onShared: (share: FileShare) => void;
}) {
  const { t } = useTranslation('files');
  const { t: session } = useTranslation('session');
  const explain = useExplain();
  const me = usePerson().id;
  const [missing, setMissing] = useState<string | null>(null);
  const { colleague, onColleague } = props;
  const share = useShare(props.file, (made) => {
    onColleague('');
    props.onShared(made);
  });
  const faults = fieldErrors(session, share.error);
  function submit(event: FormEvent) {
    event.preventDefault();
    setMissing(colleague ? null : session('required'));
    if (colleague) share.mutate({ member_id: Number(colleague) });
  }
  return (
    <form className={page.form} noValidate onSubmit={submit}>
      {share.isError && !faults.member_id && (
        <Refusal error={share.error} says={explain(share.error, 'share_member')} />
      )}
      <AgentField
        label={t('share.with')}
        description={t('share.with_text')}
        value={colleague}
        onChange={(id) => {
          setMissing(null);
          share.reset();
          onColleague(id);
        }}
        first={[{ value: '', label: t('share.nobody') }]}
        but={me}
        error={missing ?? faults.member_id}
      />
      <div className={page.foot}>
        <Button type="submit" loading={share.isPending}>
          {t('share.submit')}
        </Button>
      </div>
    </form>
  );
}
