import { Button, Skeleton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '~/ui/ErrorState';
import { fullName } from '~/ui/Initials';
import page from '~/ui/page.module.css';
import { Section } from '~/ui/Section';
import { useTeam } from '../members/useTeam';

/** How many of the team are named before it is a crowd. */
const NAMED = 8;

/** Who of the team still comes in with a password alone. */
export function TeamSection() {
  const { t } = useTranslation('security');
  const { members, isPending, error, isWhole, retry } = useTeam();
  const without = members.filter(({ two_factor }) => !two_factor);
  return (
    <Section id="team" title={t('team.title')} text={t('team.text')}>
      {isPending ? (
        <Skeleton height={14} width="50%" aria-label={t('team.title')} />
      ) : error ? (
        <ErrorState title={t('team.error')} error={error} onRetry={retry} />
      ) : without.length === 0 ? (
        <p className={page.said}>
          {t(isWhole ? 'team.all' : 'team.partly', { count: members.length })}
        </p>
      ) : (
        <div className={page.hint}>
          {t('team.without', {
            names: without.slice(0, NAMED).map(fullName).join(', '),
            count: without.length,
          })}
        </div>
      )}
      <div className={page.foot}>
        <Button component={Link} to="/settings/members" variant="default">
          {t('team.members')}
        </Button>
        <Button component={Link} to="/account" variant="subtle">
          {t('team.own')}
        </Button>
      </div>
    </Section>
  );
}
