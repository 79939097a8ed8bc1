import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { app, ifVersion, unwrap } from '~/api/client';
import type { Category, CustomField } from '~/api/types';
import { IconAdjustmentsHorizontal, IconCategory, IconPlus } from '~/ui/icons';
import page from '~/ui/page.module.css';
import { useTitle } from '~/ui/useTitle';
import head from '../arrange/Head.module.css';
import { Listed } from '../arrange/Listed';
import { labelOf } from '../arrange/label';
import { categoryList, fieldList, teamList } from '../arrange/queries';
import { RowActions } from '../arrange/RowActions';
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
  const { t } = useTranslation('arrange');
  const list = useQuery(categoryList);
  const [open, setOpen] = useState<Category | 'new' | null>(null);
  return (
    <>
      <Head
        title={t('categories.heading')}
        add={t('categories.new')}
        onAdd={() => setOpen('new')}
      />
      <Listed
        list={list}
        label={t('categories.heading')}
        none={t('categories.none')}
        noneText={t('categories.none_text')}
        icon={<IconCategory size={24} stroke={1.5} />}
        row={(one) => <CategoryRow key={one.id} category={one} onEdit={() => setOpen(one)} />}
      />
      {open && (
        <CategoryForm category={open === 'new' ? null : open} onClose={() => setOpen(null)} />
      )}
    </>
  );
}

function CategoryRow({ category, onEdit }: { category: Category; onEdit: () => void }) {
  const { t, i18n } = useTranslation('arrange');
  const { data: teams = [] } = useQuery(teamList);
  const label = labelOf(category, i18n.language);
  const team = teams.find(({ id }) => id === category.team_id)?.name;
  const said = [
    category.name,
    ...(team ? [t('categories.to_team', { team })] : []),
    ...(category.active ? [] : [t('categories.inactive')]),
  ];
  return (
    <li>
      <span className={page.names}>
        <span className={page.name}>{label}</span>
        <span className={page.dim}>{said.join(' · ')}</span>
      </span>
      <RowActions
        name={label}
        text={t('categories.remove_text')}
        onEdit={onEdit}
        remove={() =>
          unwrap(
            app.DELETE('/api/v1/categories/{category}', {
              params: { path: { category: category.id } },
              headers: ifVersion(category.version),
            }),
          )
        }
        lists={[categoryList.queryKey, fieldList.queryKey]}
      />
    </li>
  );
}

function Fields() {
  const { t } = useTranslation('arrange');
  const list = useQuery(fieldList);
  const [open, setOpen] = useState<CustomField | 'new' | null>(null);
  return (
    <>
      <Head title={t('fields.heading')} add={t('fields.new')} onAdd={() => setOpen('new')} />
      <Listed
        list={list}
        label={t('fields.heading')}
        none={t('fields.none')}
        noneText={t('fields.none_text')}
        icon={<IconAdjustmentsHorizontal size={24} stroke={1.5} />}
        row={(one) => <FieldRow key={one.id} field={one} onEdit={() => setOpen(one)} />}
      />
      {open && <FieldForm field={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </>
  );
}

function FieldRow({ field, onEdit }: { field: CustomField; onEdit: () => void }) {
  const { t, i18n } = useTranslation('arrange');
  const { data: categories = [] } = useQuery(categoryList);
  const label = labelOf(field, i18n.language);
  const category = categories.find(({ id }) => id === field.category_id);
  const said = [
    t(`fields.type.${field.type}`),
    category ? labelOf(category, i18n.language) : t('fields.of_all'),
    t(field.visible_to_customers ? 'fields.seen' : 'fields.unseen'),
    ...(field.required_for_customers || field.required_for_agents ? [t('fields.required')] : []),
  ];
  return (
    <li>
      <span className={page.names}>
        <span className={page.name}>
          {label} <code className={page.dim}>{field.key}</code>
        </span>
        <span className={page.dim}>{said.join(' · ')}</span>
      </span>
      <RowActions
        name={label}
        text={t('fields.remove_text')}
        onEdit={onEdit}
        remove={() =>
          unwrap(
            app.DELETE('/api/v1/custom-fields/{field}', {
              params: { path: { field: field.id } },
              headers: ifVersion(field.version),
            }),
          )
        }
        lists={[fieldList.queryKey]}
      />
    </li>
  );
}

function Head(props: { title: string; add: string; onAdd: () => void }) {
  return (
    <div className={head.head}>
      <h2 className={page.heading}>{props.title}</h2>
      <Button size="xs" leftSection={<IconPlus size={16} />} onClick={props.onAdd}>
        {props.add}
      </Button>
    </div>
  );
}
