import { Combobox, Modal, TextInput, useCombobox } from '@mantine/core';
import { useEffect, useId, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useExplain } from '~/ui/explain';
import { IconSearch } from '~/ui/icons';
import page from '~/ui/page.module.css';
import classes from './Palette.module.css';
import { usePalette } from './usePalette';

/** Whatever can be done or opened, found by its name. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('keys');
  const { t: common } = useTranslation();
  const [before] = useState(() => document.activeElement);
  /** The dialog is gone first, so that it does not take the focus from what comes after it. */
  function close(then: () => void) {
    flushSync(onClose);
    then();
  }
  const leave = () => close(() => before instanceof HTMLElement && before.focus());
  return (
    <Modal
      opened
      onClose={leave}
      title={t('palette')}
      closeButtonProps={{ 'aria-label': common('close') }}
      transitionProps={{ duration: 0 }}
    >
      <Choices onChoose={close} onLeave={leave} />
    </Modal>
  );
}

function Choices(props: { onChoose: (run: () => void) => void; onLeave: () => void }) {
  const { t } = useTranslation('keys');
  const explain = useExplain();
  const [typed, setTyped] = useState('');
  const { groups, isPending, error } = usePalette(typed);
  const box = useCombobox({ onDropdownClose: props.onLeave });
  const shown = groups.flatMap(({ entries }) => entries);
  const ids = shown.map(({ id }) => id).join();
  const list = useId();
  // Once the list is drawn: the field says that it is for this one.
  useEffect(() => box.openDropdown(), [box.openDropdown]);
  // Once the entries are drawn: Enter takes the first.
  // biome-ignore lint/correctness/useExhaustiveDependencies: others are shown when these ids are others
  useEffect(() => void box.selectFirstOption(), [box.selectFirstOption, ids]);
  return (
    <>
      <Combobox
        store={box}
        onOptionSubmit={(id) => {
          const chosen = shown.find((entry) => entry.id === id);
          if (chosen) props.onChoose(chosen.run);
        }}
      >
        <Combobox.EventsTarget withExpandedAttribute>
          <TextInput
            data-autofocus
            aria-label={t('anything.field')}
            placeholder={t('anything.field')}
            leftSection={<IconSearch size={16} aria-hidden="true" />}
            autoComplete="off"
            spellCheck={false}
            maxLength={500}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </Combobox.EventsTarget>
        <Combobox.Options id={list} className={classes.entries} aria-label={t('palette')}>
          {groups.map(({ id, entries }) => (
            <Combobox.Group key={id} label={t(`anything.${id}`)}>
              {entries.map((entry) => (
                <Combobox.Option key={entry.id} value={entry.id} className={classes.entry}>
                  <span>{entry.name}</span>
                  {entry.keys && <span className={classes.keys}>{entry.keys}</span>}
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ))}
          {shown.length === 0 && !isPending && !error && (
            <Combobox.Empty>{t('anything.none')}</Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox>
      {error && (
        <p role="alert" className={page.problem}>
          {t('anything.failed')} {explain(error)}
        </p>
      )}
    </>
  );
}
