import { SegmentedControl } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Invitations } from './Invitations';
import { InviteForm } from './InviteForm';
import classes from './Members.module.css';
import { MemberTable } from './MemberTable';
import type { Kind } from './queries';

/** Who belongs to the organisation, who was asked in, and the way to ask somebody in. */
export function MembersPage() {
  const { t } = useTranslation('settings');
  useTitle(t('people.title'));
  const [kind, setKind] = useState<Kind>('team');
  const [said, setSaid] = useState('');
  const status = useRef<HTMLParagraphElement>(null);
  function done(text: string, gone = false) {
    setSaid(text);
    if (gone) status.current?.focus();
  }
  return (
    <>
      <h1 className={page.title}>{t('people.title')}</h1>
      <p className={page.intro}>{t('people.intro')}</p>
      <InviteForm onDone={done} />
      <Invitations onDone={done} />
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          aria-label={t('people.shown')}
          value={kind}
          onChange={(value) => setKind(value as Kind)}
          data={[
            { value: 'team', label: t('people.team') },
            { value: 'customers', label: t('people.customers') },
          ]}
        />
        <p ref={status} className={classes.said} role="status" tabIndex={-1}>
          {said}
        </p>
      </div>
      <MemberTable key={kind} kind={kind} onDone={done} />
    </>
  );
}
