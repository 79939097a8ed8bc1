import { Switch, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ApiError } from '~/api/problem';
import { useOnceKey } from '~/api/useOnceKey';
import page from '~/ui/page.module.css';
import { useSize } from '~/ui/size';
import { FormDialog } from '../arrange/FormDialog';
import { useSaving } from '../arrange/useSaving';
import { useTyped } from '../arrange/useTyped';
import { areEndings, MOST_ENDINGS, tidied, widerThan } from './endings';
import { bytesOf, typedSize } from './megabytes';
import { categoryKeys, categoryList, changeCategory, makeCategory } from './queries';
import { SizeField } from './SizeField';
import type { MediaCategory, NewMediaCategory } from './types';
import { useCategoryName } from './useCategoryName';

/** Letters of a name and bytes of a file at most, the same as the server's. */
const LONGEST_NAME = 40;
const MOST_BYTES = 100 * 1024 * 1024;

type Typed = {
  name: string;
  extensions: string[];
  size: string;
  previews: boolean;
  staff_only: boolean;
  enabled: boolean;
};

function typedOf(category: MediaCategory | null, language: string): Typed {
  return {
    name: category?.name ?? '',
    extensions: category?.extensions ?? [],
    size: category ? typedSize(category.max_bytes, language) : '10',
    previews: category?.previews ?? false,
    staff_only: category?.staff_only ?? false,
    enabled: category?.enabled ?? true,
  };
}

/** Makes a category of files, or changes one. */
export function CategoryForm(props: { category: MediaCategory | null; onClose: () => void }) {
  const { t, i18n } = useTranslation('arrange');
  const { category, onClose } = props;
  const { base, typed, set, others, dirty } = useTyped(category, (one) =>
    typedOf(one, i18n.language),
  );
  const saving = useSaving({ save: useSave(base), lists: [categoryKeys], onSaved: onClose });
  const faultsOf = useFaults();
  const faults = { ...saving.faults, ...useBlocked(saving.error) };
  function submit() {
    const { size, ...rest } = typed;
    const body = { ...rest, name: typed.name.trim(), max_bytes: bytesOf(size) ?? 0 };
    saving.submit(body, faultsOf(body));
  }
  return (
    <FormDialog
      title={t(category ? 'media.edit' : 'media.new')}
      saving={{ ...saving, faults }}
      others={others}
      place="media"
      dirty={dirty}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('media.name')}
        description={t('media.name_text')}
        maxLength={LONGEST_NAME}
        autoComplete="off"
        data-autofocus
        value={typed.name}
        error={faults.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <TagsInput
        label={t('media.extensions')}
        description={t('media.extensions_text')}
        maxTags={MOST_ENDINGS}
        splitChars={[',', ' ', ';']}
        acceptValueOnBlur
        autoCapitalize="none"
        spellCheck={false}
        value={typed.extensions}
        error={faults.extensions}
        onChange={(extensions) => set({ extensions: tidied(extensions) })}
      />
      <SizeField
        label={t('media.size')}
        value={typed.size}
        words={{ plain: t('media.size_text'), as: (size) => t('media.size_as', { size }) }}
        error={faults.max_bytes}
        onChange={(size) => set({ size })}
      />
      <Wider id={base?.id ?? null} typed={typed} />
      <Ways typed={typed} set={set} />
    </FormDialog>
  );
}

/** What is done with such files, and from whom they are taken. */
function Ways(props: { typed: Typed; set: (change: Partial<Typed>) => void }) {
  const { t } = useTranslation('arrange');
  return (['previews', 'staff_only', 'enabled'] as const).map((name) => (
    <Switch
      key={name}
      label={t(`media.${name}`)}
      description={t(`media.${name}_text`)}
      checked={props.typed[name]}
      onChange={(event) => props.set({ [name]: event.currentTarget.checked })}
    />
  ));
}

/** Says where another category takes larger files of the same ending: this size decides nothing then. */
function Wider({ id, typed }: { id: number | null; typed: Typed }) {
  const { t } = useTranslation('arrange');
  const say = useSize();
  const nameOf = useCategoryName();
  const { data: all } = useQuery(categoryList);
  const { extensions, size, enabled } = typed;
  const bytes = bytesOf(size);
  const wider = enabled && bytes !== null && all ? widerThan({ id, extensions, bytes }, all) : null;
  return (
    <div role="status">
      {wider && (
        <div className={page.hint}>
          {t('media.wider', {
            ending: wider.ending,
            name: nameOf(wider.name),
            size: say(wider.bytes),
          })}
        </div>
      )}
    </div>
  );
}

/** What is wrong with a category, as far as that can be known before it is sent. */
function useFaults(): (body: NewMediaCategory) => Record<string, string> {
  const { t } = useTranslation('arrange');
  const { t: session } = useTranslation('session');
  const say = useSize();
  return ({ name, extensions, max_bytes }) => ({
    ...(!name && { name: session('required') }),
    ...(extensions.length === 0 && { extensions: session('required') }),
    ...(!areEndings(extensions) && { extensions: t('media.extensions_wrong') }),
    ...((max_bytes < 1 || max_bytes > MOST_BYTES) && {
      max_bytes: t('media.size_wrong', { most: say(MOST_BYTES) }),
    }),
  });
}

/** Which endings nobody may send is the server's to know: what it says of them, in the person's language. */
function useBlocked(error: Error | null): Record<string, string> {
  const { t } = useTranslation('arrange');
  const isBlocked =
    error instanceof ApiError &&
    error.fields.some(({ field, code }) => field === 'extensions' && code === 'not_allowed');
  return isBlocked ? { extensions: t('media.extensions_blocked') } : {};
}

function useSave(base: MediaCategory | null): (body: NewMediaCategory) => Promise<MediaCategory> {
  const keyOf = useOnceKey();
  return (body) => (base ? changeCategory(base, body) : makeCategory(body, keyOf(body)));
}
