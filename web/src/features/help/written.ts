import type { Article, SaveArticle } from '~/api/types';
import { LANGUAGES, type Language } from '~/i18n';

type Written = { title: string; body: string };
type State = Article['state'];

/** What an article's form holds: both languages, of which one may be empty. */
export type Typed = {
  section_id: number;
  slug: string;
  state: State;
  position: number;
  texts: Record<Language, Written>;
};

export function typedOf(article: Article | null, section: number): Typed {
  const of = (language: Language): Written => {
    const text = article?.texts.find(({ locale }) => locale === language);
    return { title: text?.title ?? '', body: text?.body ?? '' };
  };
  return {
    section_id: article?.section_id ?? section,
    slug: article?.slug ?? '',
    state: article?.state ?? 'draft',
    position: article?.position ?? 0,
    texts: { en: of('en'), fr: of('fr') },
  };
}

const isEmpty = ({ title, body }: Written) => !title.trim() && !body.trim();

/** As the server takes it: the languages in which something was written. */
export function bodyOf(typed: Typed): SaveArticle {
  const texts = LANGUAGES.filter((language) => !isEmpty(typed.texts[language])).map((locale) => ({
    locale,
    title: typed.texts[locale].title.trim(),
    body: typed.texts[locale].body,
  }));
  return { ...typed, slug: typed.slug.trim(), texts };
}

/** Which fields are missing, by the names that `faultOf` reads. */
export function missing(typed: Typed, said: { required: string; oneText: string }) {
  const faults: Record<string, string> = {};
  if (!typed.slug.trim()) faults.slug = said.required;
  const begun = LANGUAGES.filter((language) => !isEmpty(typed.texts[language]));
  if (begun.length === 0) faults['en.title'] = said.oneText;
  for (const language of begun) {
    for (const field of ['title', 'body'] as const) {
      if (!typed.texts[language][field].trim()) faults[`${language}.${field}`] = said.required;
    }
  }
  return faults;
}

/** What is wrong with a text: found here, or by the server, which counts the texts that it was sent. */
export function faultOf(
  faults: Record<string, string>,
  typed: Typed,
  language: Language,
  field: 'title' | 'body',
): string | undefined {
  const sent = bodyOf(typed).texts.findIndex(({ locale }) => locale === language);
  return faults[`${language}.${field}`] ?? faults[`texts[${sent}].${field}`];
}
