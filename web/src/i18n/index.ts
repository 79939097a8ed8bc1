import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type en from './en';
import type door from './en/door';
import type more from './en/more';
import type operator from './en/operator';

/** The languages of the product. Each is a chunk of its own: nobody downloads the other one. */
export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language is written in itself, so that it is found by those who read no other. */
export const NAMES: Record<Language, string> = { en: 'English', fr: 'Français' };

const STORED = 'hd-language';
const load = { en: () => import('./en'), fr: () => import('./fr') };
/** Words that not everybody needs, in chunks of their own: fetched with the first page that is drawn with them. */
const parts = {
  /** Before anybody is signed in, and for customers. */
  door: { en: () => import('./en/door'), fr: () => import('./fr/door') },
  /** What staff open from the list, and pages that few people open on a day. */
  more: { en: () => import('./en/more'), fr: () => import('./fr/more') },
  /** Pages of those who run the platform. */
  operator: { en: () => import('./en/operator'), fr: () => import('./fr/operator') },
};
type Part = keyof typeof parts;
const wanted = new Set<Part>();

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'app';
    resources: typeof en & typeof door & typeof more & typeof operator;
  }
}

/** The first language of the list that we speak; English when we speak none. */
export function languageOf(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const short = wish?.slice(0, 2).toLowerCase();
    const known = LANGUAGES.find((language) => language === short);
    if (known) return known;
  }
  return 'en';
}

/** Starts with the choice made on this device, else with what the browser prefers. */
export async function startLanguage(): Promise<void> {
  const language = languageOf([chosen(), ...navigator.languages]);
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    ns: [],
    defaultNS: 'app',
    resources: { [language]: (await load[language]()).default },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
}

/** Changes the language of the page at once; `remember` when a person chose it here. */
export async function speak(language: Language, remember = true): Promise<void> {
  if (remember) store(language);
  if (i18next.language === language) return;
  add(language, (await load[language]()).default);
  for (const part of wanted) add(language, (await parts[part][language]()).default);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

async function words(part: Part): Promise<void> {
  wanted.add(part);
  const language = languageOf([i18next.language]);
  add(language, (await parts[part][language]()).default);
}

/** Lets a page be drawn that needs all words, in this language and in those spoken later. */
export const allWords = () => words('more');

/** Lets the pages be drawn that are seen before the others, and those of customers. */
export const doorWords = () => words('door');

/** Lets the pages of those who run the platform be drawn. */
export const operatorWords = () => words('operator');

function add(language: Language, words: object): void {
  for (const [feature, keys] of Object.entries(words)) {
    i18next.addResourceBundle(language, feature, keys);
  }
}

/** Follows the person's own locale, unless another language was chosen on this device. */
export async function followLocale(locale: string | null | undefined): Promise<void> {
  if (!chosen() && locale) await speak(languageOf([locale]), false);
}

function chosen(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

function store(language: Language): void {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // A browser that stores nothing asks again next time.
  }
}
