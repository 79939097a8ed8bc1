import { ActionIcon, Button, NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Doing } from '~/api/types';
import { IconPlus, IconX } from '~/ui/icons';
import { DoingValue } from './DoingValue';
import { ACTIONS, begun, type MacroAction, MOST } from './doing';
import classes from './Replies.module.css';

/** What a macro does, one action after the other. */
export function Doings(props: {
  actions: Doing[];
  faults: Record<string, string>;
  onChange: (actions: Doing[]) => void;
}) {
  const { t } = useTranslation('arrange');
  const { actions, onChange } = props;
  return (
    <fieldset className={classes.doings}>
      <legend>{t('replies.actions')}</legend>
      {actions.map((doing, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: actions have no names but their place.
        <div key={index} className={classes.doing}>
          <NativeSelect
            aria-label={t('replies.action', { number: index + 1 })}
            value={doing.action}
            onChange={(event) =>
              onChange(actions.with(index, begun(event.currentTarget.value as MacroAction)))
            }
            data={ACTIONS.map((value) => ({ value, label: t(`replies.${value}`) }))}
          />
          <DoingValue
            doing={doing}
            fault={faultAt(props.faults, index)}
            onChange={(changed) => onChange(actions.with(index, changed))}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('replies.action_remove', { number: index + 1 })}
            onClick={() => onChange(actions.toSpliced(index, 1))}
          >
            <IconX size={18} />
          </ActionIcon>
        </div>
      ))}
      {actions.length < MOST && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() => onChange([...actions, begun('status')])}
        >
          {t('replies.add_action')}
        </Button>
      )}
    </fieldset>
  );
}

/** What the server said of an action, whichever of its parts it meant. */
function faultAt(faults: Record<string, string>, index: number): string | undefined {
  const field = Object.keys(faults).find((name) => name.startsWith(`actions[${index}]`));
  return field && faults[field];
}
