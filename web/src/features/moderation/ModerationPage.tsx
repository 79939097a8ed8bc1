import { Button, NativeSelect } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconPlus } from '~/ui/icons';
import { More } from '~/ui/More';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import classes from './Moderation.module.css';
import { verdictList } from './queries';
import type { ModerationHash, Verdict } from './types';
import { VERDICTS } from './VerdictField';
import { VerdictForm } from './VerdictForm';
import { VerdictList } from './VerdictList';

/** Which contents of files nobody may send, and which are allowed though they look like those. */
export function ModerationPage() {
  const { t } = useTranslation('moderation');
  useTitle(t('title'));
  const [status, setStatus] = useState<Verdict | null>(null);
  const [open, setOpen] = useState<ModerationHash | 'new' | null>(null);
  const [said, setSaid] = useState('');
  const region = useRef<HTMLParagraphElement>(null);
  const filter = useRef<HTMLSelectElement>(null);
  const list = useInfiniteQuery(verdictList(status));
  const all = list.data?.pages.flatMap((one) => one.data);
  // As it stands in the list now; what is no longer there stays in the form that holds it.
  const chosen = open === 'new' ? null : (all?.find(({ id }) => id === open?.id) ?? open);
  /** What was pressed goes with its row: the keyboard goes on where that is said. */
  function gone(name: string) {
    setSaid(t('removed', { name }));
    region.current?.focus();
  }
  return (
    <>
      <h1 className={page.title}>{t('title')}</h1>
      <p className={page.intro}>{t('intro')}</p>
      <div className={classes.head}>
        <NativeSelect
          ref={filter}
          label={t('which')}
          value={status ?? ''}
          onChange={({ currentTarget: { value } }) =>
            setStatus(VERDICTS.find((one) => one === value) ?? null)
          }
          data={[
            { value: '', label: t('all') },
            ...VERDICTS.map((value) => ({ value, label: t(`status.${value}`) })),
          ]}
        />
        <Button size="xs" leftSection={<IconPlus size={16} />} onClick={() => setOpen('new')}>
          {t('new')}
        </Button>
      </div>
      <p ref={region} role="status" tabIndex={-1} className={`${page.said} ${classes.said}`}>
        {said}
      </p>
      <VerdictList
        list={list}
        rows={all}
        narrowed={status !== null}
        onAll={() => {
          setStatus(null);
          filter.current?.focus();
        }}
        onEdit={setOpen}
        onGone={gone}
      />
      <More list={list} ask={t('more')} failed={t('more_error')} />
      {open && <VerdictForm hash={chosen} onClose={() => setOpen(null)} />}
    </>
  );
}
