import { useTranslation } from 'react-i18next';

/** What the first categories of every organisation are called. */
const FIRST = [
  ...(['images', 'pdf', 'documents', 'text'] as const),
  ...(['archives', 'videos', 'audio', 'heic'] as const),
];

/** Says a category's name: in the person's language as long as nobody has called it otherwise. */
export function useCategoryName(): (name: string) => string {
  const { t } = useTranslation('arrange');
  return (name) => {
    const first = FIRST.find((one) => one === name);
    return first ? t(`media.names.${first}`) : name;
  };
}
