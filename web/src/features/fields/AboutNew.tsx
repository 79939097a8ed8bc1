import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Category, CustomField } from '~/api/types';
import { categoryList, fieldList } from '../arrange/queries';
import { isStaff, usePerson } from '../session/session';
import { CategoryInput } from './CategoryInput';
import { FieldInputs } from './FieldInputs';
import { faultsOf, fieldsOf, sentOf, type Values } from './values';

export type About = {
  category: string;
  setCategory: (category: string) => void;
  values: Values;
  setValues: (values: Values) => void;
  faults: Record<string, string>;
  setFaults: (faults: Record<string, string>) => void;
  categories: Category[];
  fields: CustomField[];
  side: 'staff' | 'customer';
  /** Whether all that must be given is; otherwise it is said at the fields. */
  isSound: () => boolean;
  /** What of it is sent with a new ticket. */
  body: () => { category?: string; custom_fields?: Record<string, unknown> };
};

type Begun = { category: string; values: Values };

/** What a new ticket is about, and what is asked of it besides by whoever opens it; what was `begun` before is there again. */
export function useAbout(
  begun: Begun = { category: '', values: {} },
  keep?: (change: Partial<Begun>) => void,
): About {
  const { t: session } = useTranslation('session');
  const side = isStaff(usePerson()) ? 'staff' : 'customer';
  const { data: categories = [] } = useQuery(categoryList);
  const { data: all = [] } = useQuery(fieldList);
  const [category, setCategory] = useState(begun.category);
  const [values, setValues] = useState<Values>(begun.values);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const fields = fieldsOf(all, categories, category);
  function isSound() {
    const said = { required: session('required'), invalid: session('field.invalid') };
    const wrong = Object.entries(faultsOf(fields, values, side));
    setFaults(Object.fromEntries(wrong.map(([field, code]) => [field, said[code]])));
    return wrong.length === 0;
  }
  function body() {
    const given = Object.entries(sentOf(fields, values)).filter(([, value]) => value !== null);
    return {
      ...(category && { category }),
      ...(given.length > 0 && { custom_fields: Object.fromEntries(given) }),
    };
  }
  return {
    setCategory: (category) => {
      setCategory(category);
      keep?.({ category });
    },
    setValues: (values) => {
      setValues(values);
      keep?.({ values });
    },
    ...{ category, values, faults, setFaults },
    ...{ categories, fields, side, isSound, body },
  };
}

/** Category and fields of a new ticket; nothing where nothing is defined. */
export function AboutNew({ about }: { about: About }) {
  const { categories, fields } = about;
  return (
    <>
      {categories.some(({ active }) => active) && (
        <CategoryInput
          categories={categories}
          value={about.category}
          fault={about.faults.category}
          onChange={about.setCategory}
        />
      )}
      <FieldInputs
        fields={fields}
        values={about.values}
        faults={about.faults}
        side={about.side}
        onChange={(key, value) => about.setValues({ ...about.values, [key]: value })}
      />
    </>
  );
}
