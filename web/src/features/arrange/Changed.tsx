import { Alert, Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Met } from './useTyped';

/** What somebody else has changed while the form was open, and what becomes of it. */
export function Changed({ met, onReload }: { met: Met; onReload: () => void }) {
  const { t } = useTranslation('arrange');
  return (
    <Alert color={met === 'over' ? 'red' : 'yellow'} variant="light" role="alert">
      <p>{t(`met.${met}`)}</p>
      <Button variant="default" size="xs" onClick={onReload}>
        {t('reload')}
      </Button>
    </Alert>
  );
}
