import { useTranslation } from 'react-i18next';
import { fullName, Initials } from '~/ui/Initials';
import picker from '../replies/Picker.module.css';
import classes from './Colleagues.module.css';
import type { Naming } from './useNaming';

/** Who is offered behind an `@`; else who will be told of the note. */
export function Colleagues({ naming }: { naming: Naming }) {
  const { t, i18n } = useTranslation('desk');
  const { choices, chosen, named } = naming;
  const names = new Intl.ListFormat(i18n.language).format(named.map(fullName));
  return (
    <>
      {chosen && (
        <div
          id={naming.list}
          role="listbox"
          aria-label={t('mention.label')}
          className={classes.list}
          // The field keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
        >
          {choices.map((agent) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and moves through the options
            // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are those of the field
            <div
              key={agent.id}
              id={naming.optionOf(agent)}
              role="option"
              aria-selected={agent === chosen}
              className={picker.option}
              ref={(element) => {
                if (agent === chosen) element?.scrollIntoView?.({ block: 'nearest' });
              }}
              onClick={() => naming.choose(agent)}
            >
              <Initials person={agent} size={24} />
              <span>{fullName(agent)}</span>
              <span className={classes.address}>{agent.email}</span>
            </div>
          ))}
        </div>
      )}
      <p role="status" className={chosen ? 'visually-hidden' : classes.told}>
        {chosen
          ? t('mention.found', { count: choices.length })
          : names && t('mention.told', { names })}
      </p>
    </>
  );
}
