import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Migration } from '~/api/types';
import { Confirm } from '~/ui/Confirm';
import { notifyFailure } from '~/ui/notify';
import { useExplainHere } from '../ui/explain';
import ui from '../ui/ui.module.css';
import { migrationKeys, migrationList, oneMigration, type Turn, turnRun } from './queries';
import { turnsOf } from './rules';

/** Holds a run, lets it go on, or has failed databases tried again. */
export function RunActions({ run, onDone }: { run: Migration; onDone: (said: string) => void }) {
  const { t } = useTranslation('operator');
  const explain = useExplainHere();
  const client = useQueryClient();
  const newest = useInfiniteQuery(migrationList).data?.pages[0]?.data[0];
  const [asked, setAsked] = useState(false);
  const [last, setLast] = useState<Turn>('pause');
  const turn = useMutation({
    mutationFn: (one: Turn) => turnRun(run.id, one),
    onSuccess: (now, one) => {
      client.setQueryData(oneMigration(run.id).queryKey, now);
      onDone(t(`migrations.done.${one}`));
    },
    onError: (error, one) => void notifyFailure(t(`migrations.not.${one}`), explain(error)),
    onSettled: () => client.invalidateQueries({ queryKey: migrationKeys }),
  });
  const turns = turnsOf(run, newest?.id === run.id);
  if (turns.length === 0) return null;
  function ask(one: Turn) {
    setLast(one);
    setAsked(true);
  }
  return (
    <div className={ui.foot}>
      {turns.map((one) => (
        <Button
          key={one}
          variant="default"
          loading={turn.isPending && turn.variables === one}
          disabled={turn.isPending}
          onClick={() => ask(one)}
        >
          {t(`migrations.act.${one}`, { number: run.failed })}
        </Button>
      ))}
      <Confirm
        opened={asked}
        title={t(`migrations.ask.${last}`)}
        text={t(`migrations.ask_text.${last}`)}
        submit={t(`migrations.act.${last}`, { number: run.failed })}
        onConfirm={() => turn.mutate(last)}
        onClose={() => setAsked(false)}
      />
    </div>
  );
}
