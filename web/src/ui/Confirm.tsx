import { Button, Group, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Asks before something that cannot be taken back. Title and button name what is meant. */
export function Confirm(props: {
  opened: boolean;
  title: string;
  text: string;
  /** What the button does, in its own words: "Remove Léa Morel", never "OK". */
  submit: string;
  /** What the other button says, where "Cancel" could mean either. */
  stay?: string;
  /** Whether something is lost; otherwise it is only far-reaching. */
  destructive?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <p style={{ margin: 0, overflowWrap: 'anywhere' }}>{props.text}</p>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={props.onClose} data-autofocus>
          {props.stay ?? t('cancel')}
        </Button>
        <Button
          color={props.destructive ? 'red.8' : undefined}
          onClick={() => {
            props.onConfirm();
            props.onClose();
          }}
        >
          {props.submit}
        </Button>
      </Group>
    </Modal>
  );
}
