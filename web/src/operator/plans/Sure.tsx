import { Button, Group } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import page from '~/ui/page.module.css';
import type { Felt } from './fields';

/** Asks whether a plan is to allow less, or to cost something else: whoever has it is bound by that. */
export function Sure(props: {
  felt: Felt[];
  pending: boolean;
  onConfirm: () => void;
  onBack: () => void;
}) {
  const { t } = useTranslation('operator');
  const question = useRef<HTMLDivElement>(null);
  // The form is gone, and with it the button that was pressed: the keyboard goes on here.
  useEffect(() => question.current?.focus(), []);
  return (
    <div className={page.form}>
      <div ref={question} className={page.hint} tabIndex={-1}>
        {t('plans.sure')}
        <ul style={{ margin: '8px 0 0', paddingInlineStart: 20 }}>
          {props.felt.map(({ name, before, after }) => (
            <li key={name}>
              {t('plans.becomes', {
                field: t(`plans.field.${name}`),
                before: before || '–',
                after: after || '–',
              })}
            </li>
          ))}
        </ul>
      </div>
      <Group justify="flex-end">
        <Button variant="default" onClick={props.onBack}>
          {t('plans.back')}
        </Button>
        <Button loading={props.pending} onClick={props.onConfirm}>
          {t('plans.confirm')}
        </Button>
      </Group>
    </div>
  );
}
