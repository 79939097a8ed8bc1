import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, unwrap } from '~/api/client';
import type { Category, CustomField } from '~/api/types';
import { IconAdjustmentsHorizontal, IconCategory } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import { Collection } from '../arrange/Collection';
import { labelOf } from '../arrange/label';
import { categoryList, fieldList, teamList } from '../arrange/queries';
import { CategoryForm } from './CategoryForm';
import { FieldForm } from './FieldForm';

/** What tickets may be about, and what is asked of them besides. */
export function CategoriesPage() {
  const { t } = useTranslation('arrange');
  useTitle(t('categories.title'));
  return (
    <>
      <h1 className={page.title}>{t('categories.title')}</h1>
      <p className={page.intro}>{t('categories.intro')}</p>
      <Categories />
      <Fields />
    </>
  );
}

function Categories() {
  const { t, i18n } = useTranslation('arrange');
  const { data: teams = [] } = useQuery(teamList);
  function row(category: Category) {
    const team = teams.find(({ id }) => id === category.team_id)?.name;
    const said = [
      category.name,
      ...(team ? [t('categories.to_team', { team })] : []),
      ...(category.active ? [] : [t('categories.inactive')]),
    ];
    return {
      name: labelOf(category, i18n.language),
      said: said.join(' · '),
      remove: () =>
        unwrap(
          app.DELETE('/api/v1/categories/{category}', {
            params: { path: { category: category.id } },
            headers: ifVersion(category.version),
          }),
        ),
    };
  }
  return (
    <Collection
      of="categories"
      icon={IconCategory}
      list={useQuery(categoryList)}
      lists={[categoryList.queryKey, fieldList.queryKey]}
      row={row}
      form={(category, onClose) => <CategoryForm category={category} onClose={onClose} />}
    />
  );
}

function Fields() {
  const { t, i18n } = useTranslation('arrange');
  const { data: categories = [] } = useQuery(categoryList);
  function row(field: CustomField) {
    const category = categories.find(({ id }) => id === field.category_id);
    const required = field.required_for_customers || field.required_for_agents;
    const said = [
      t(`fields.type.${field.type}`),
      category ? labelOf(category, i18n.language) : t('fields.of_all'),
      t(field.visible_to_customers ? 'fields.seen' : 'fields.unseen'),
      ...(required ? [t('fields.required')] : []),
      ...(field.sensitive ? [t('fields.sealed')] : []),
    ];
    return {
      name: labelOf(field, i18n.language),
      mark: <code className={page.dim}>{field.key}</code>,
      said: said.join(' · '),
      remove: () =>
        unwrap(
          app.DELETE('/api/v1/custom-fields/{field}', {
            params: { path: { field: field.id } },
            headers: ifVersion(field.version),
          }),
        ),
    };
  }
  return (
    <Collection
      of="fields"
      icon={IconAdjustmentsHorizontal}
      list={useQuery(fieldList)}
      lists={[fieldList.queryKey]}
      row={row}
      form={(field, onClose) => <FieldForm field={field} onClose={onClose} />}
    />
  );
}
