import { Kbd, Modal, Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const ROWS = [
  ['next', 'J'],
  ['previous', 'K'],
  ['open', 'Enter'],
  ['reply', 'R'],
  ['note', 'N'],
  ['assign', 'A'],
  ['status', 'S'],
  ['tags', 'L'],
  ['snooze', 'H'],
  ['macro', 'M, /'],
  ['select', 'X'],
  ['select_range', 'Shift + X'],
  ['new', 'C'],
  ['find', '/'],
  ['go_mine', 'G I'],
  ['go_unassigned', 'G U'],
  ['go_all', 'G A'],
  ['go_waiting', 'G W'],
  ['go_snoozed', 'G H'],
  ['go_breaching', 'G L'],
  ['send', 'Ctrl + Enter'],
  ['escape', 'Esc'],
  ['sheet', '?'],
] as const;

/** All keys of the console on one sheet. */
export function ShortcutSheet(props: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('keys');
  const { t: common } = useTranslation();
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
    </Modal>
  );
}
