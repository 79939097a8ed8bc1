import i18next from 'i18next';

/** The messages and what draws them, fetched when the page stands: nothing can fail before. */
export const messages = () => import('./Messages');

/** A short message that something did not work. It stays until it could be read. */
export async function notifyFailure(title: string, message: string): Promise<void> {
  const { notifications } = await messages();
  notifications.show({
    title,
    message,
    color: 'red',
    autoClose: 9000,
    withBorder: true,
    closeButtonProps: { 'aria-label': i18next.t('close') },
  });
}
