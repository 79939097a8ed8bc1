import '@mantine/notifications/styles.css';
import { Notifications } from '@mantine/notifications';

export { notifications } from '@mantine/notifications';

/** Where short messages appear. */
export default function Messages() {
  return <Notifications position="bottom-left" limit={4} />;
}
