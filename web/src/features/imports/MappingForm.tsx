import { Button, NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Import } from '~/api/types';
import page from '~/ui/page.module.css';
import { labelOf } from '../arrange/label';
import { fieldList } from '../arrange/queries';
import classes from './Imports.module.css';
import { NotBegun } from './NotBegun';
import { changeImport, importList, runImport } from './queries';
import { type Mapping, mapped, missingIn, targetsOf } from './targets';

/** What each column is, and the way on: a check first, then the run. */
export function MappingForm({ of }: { of: Import }) {
  const { t } = useTranslation('imports');
  const client = useQueryClient();
  const [mapping, setMapping] = useState<Mapping>(of.mapping as Mapping);
  const missing = missingIn(of, mapping);
  const isOther = JSON.stringify(mapping) !== JSON.stringify(of.mapping);
  const begin = useMutation({
    mutationFn: async (dry: boolean) => {
      const now = isOther ? await changeImport(of, { mapping }) : of;
      return runImport(now, dry);
    },
    onSettled: () => client.invalidateQueries({ queryKey: importList.queryKey }),
  });
  const isChecked = of.state === 'checked' && !isOther;
  return (
    <>
      {of.columns.length > 0 && <Columns of={of} mapping={mapping} onChange={setMapping} />}
      {of.encoding === 'windows-1252' && <p className={page.hint}>{t('mapping.windows')}</p>}
      {missing.length > 0 && (
        <p className={page.hint}>
          {t('mapping.missing', { names: missing.map((name) => t(`target.${name}`)).join(', ') })}
        </p>
      )}
      <NotBegun error={begin.error} />
      <div className={page.foot}>
        <Button
          variant={isChecked ? 'default' : 'filled'}
          disabled={missing.length > 0}
          loading={begin.isPending && begin.variables === true}
          onClick={() => begin.mutate(true)}
        >
          {t(isChecked ? 'check_again' : 'check')}
        </Button>
        <Button
          variant={isChecked ? 'filled' : 'default'}
          disabled={missing.length > 0 || (isChecked && of.counts.imported === 0)}
          loading={begin.isPending && begin.variables === false}
          onClick={() => begin.mutate(false)}
        >
          {t('run')}
        </Button>
        <span className={page.dim}>{t(isChecked ? 'run_text' : 'check_text')}</span>
      </div>
    </>
  );
}

function Columns(props: { of: Import; mapping: Mapping; onChange: (mapping: Mapping) => void }) {
  const { t, i18n } = useTranslation('imports');
  const { of, mapping, onChange } = props;
  const { data: fields = [] } = useQuery(fieldList);
  const targets = [
    { value: '', label: t('target.nothing') },
    ...targetsOf(of).map((value) => ({ value: value as string, label: t(`target.${value}`) })),
    ...fields.map((field) => ({
      value: `custom_fields.${field.key}`,
      label: labelOf(field, i18n.language),
    })),
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <div className={classes.scrolls} tabIndex={0}>
      <table className={classes.columns}>
        <thead>
          <tr>
            <th scope="col">{t('mapping.column')}</th>
            <th scope="col">{t('mapping.sample')}</th>
            <th scope="col">{t('mapping.target')}</th>
          </tr>
        </thead>
        <tbody>
          {of.columns.map(({ name, sample }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className={page.dim}>{sample}</td>
              <td>
                <NativeSelect
                  size="xs"
                  aria-label={t('mapping.of', { name })}
                  data={known(targets, mapping[name])}
                  value={mapping[name] ?? ''}
                  onChange={(event) => onChange(mapped(mapping, name, event.currentTarget.value))}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What is offered, and what stands there though nobody offers it any more. */
function known(targets: { value: string; label: string }[], said: string | undefined) {
  if (!said || targets.some(({ value }) => value === said)) return targets;
  return [...targets, { value: said, label: said }];
}
