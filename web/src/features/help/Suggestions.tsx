import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { languageOf } from '~/i18n';
import { IconExternalLink } from '~/ui/icons';
import classes from './Help.module.css';
import { suggestionsFor } from './queries';

/** For so long nobody has typed when the server is asked, and so many letters say something. */
const PAUSE = 400;
const SHORTEST = 3;
const LONGEST = 255;

/**
 * What stands there when nobody has typed for a while; nothing before that, for this part comes
 * while somebody types.
 */
function usePaused(typed: string): string {
  const [paused, setPaused] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setPaused(typed), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  return paused;
}

/**
 * Articles that may help whoever writes about that. They open beside what is being written, so that
 * nothing of it is lost; how many there are is said without taking the reader there.
 */
export function Suggestions({ subject }: { subject: string }) {
  const { t, i18n } = useTranslation('help');
  const paused = usePaused(subject.trim().slice(0, LONGEST));
  const isAsked = paused.length >= SHORTEST;
  const found = useQuery({
    ...suggestionsFor(paused, languageOf([i18n.language])),
    enabled: isAsked,
    placeholderData: keepPreviousData,
  });
  // Whoever writes a ticket is not told that help for it could not be fetched.
  const articles = isAsked ? (found.data?.data ?? []) : [];
  return (
    <>
      <p className="visually-hidden" role="status">
        {articles.length > 0 && t('suggest.count', { count: articles.length })}
      </p>
      {articles.length > 0 && (
        <section className={classes.suggestions} aria-labelledby="suggested">
          <h2 id="suggested">{t('suggest.title')}</h2>
          <ul className={classes.list}>
            {articles.map(({ id, slug, title, locale }) => (
              <li key={id}>
                <a href={`/help/${slug}`} target="_blank" rel="noopener">
                  <span lang={locale}>{title}</span>{' '}
                  <IconExternalLink size={14} aria-hidden="true" />
                  <span className="visually-hidden"> ({t('suggest.new_tab')})</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
