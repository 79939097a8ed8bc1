import { Kbd, Modal, Switch, Table } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { letLettersWork, lettersWork } from './letters';
import { ROWS } from './rows';

/** All keys of the console on one sheet. */
export function ShortcutSheet(props: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('keys');
  const { t: common } = useTranslation();
  const [letters, setLetters] = useState(lettersWork);
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('title')}
      size="sm"
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <Table verticalSpacing={6} withRowBorders={false}>
        <Table.Tbody>
          {ROWS.map(([name, key]) => (
            <Table.Tr key={name}>
              <Table.Td>{t(name)}</Table.Td>
              <Table.Td ta="end">
                <Kbd>{key}</Kbd>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Switch
        mt="md"
        label={t('letters')}
        description={t('letters_text')}
        checked={letters}
        onChange={({ currentTarget: { checked } }) => {
          letLettersWork(checked);
          setLetters(checked);
        }}
      />
    </Modal>
  );
}
