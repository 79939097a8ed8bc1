type Labelled = { labels: { fr: string; en: string } };

/** What people read of a category or a field, in their language. */
export function labelOf({ labels }: Labelled, language: string): string {
  return language.startsWith('fr') ? labels.fr : labels.en;
}
