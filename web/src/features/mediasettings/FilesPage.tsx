import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { IconPaperclip } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useSize } from '~/ui/size';
import { useTitle } from '~/ui/useTitle';
import { Collection } from '../arrange/Collection';
import { CategoryForm } from './CategoryForm';
import { Limits } from './Limits';
import { categoryKeys, categoryList, removeCategory } from './queries';
import type { MediaCategory } from './types';
import { Used } from './Used';
import { useCategoryName } from './useCategoryName';

/** Which files may be sent, and how much of them there is and may be. */
export function FilesPage() {
  const { t } = useTranslation('arrange');
  useTitle(t('media.title'));
  return (
    <>
      <h1 className={page.title}>{t('media.title')}</h1>
      <p className={page.intro}>{t('media.intro')}</p>
      <Categories />
      <Limits />
      <Used />
    </>
  );
}

function Categories() {
  const { t } = useTranslation('arrange');
  const say = useSize();
  const nameOf = useCategoryName();
  function row(category: MediaCategory) {
    const { name, extensions, max_bytes, enabled, staff_only, previews } = category;
    const said = [
      ...(enabled ? [] : [t('media.off')]),
      extensions.map((one) => `.${one}`).join(' '),
      t('media.up_to', { size: say(max_bytes) }),
      ...(staff_only ? [t('media.staff')] : []),
      ...(previews ? [t('media.with_previews')] : []),
    ];
    return { name: nameOf(name), said: said.join(' · '), remove: () => removeCategory(category) };
  }
  return (
    <Collection
      of="media"
      icon={IconPaperclip}
      list={useQuery(categoryList)}
      lists={[categoryKeys]}
      row={row}
      form={(category, onClose) => <CategoryForm category={category} onClose={onClose} />}
    />
  );
}
