import { Button, FileButton, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import page from '~/ui/page.module.css';
import { useSize } from '~/ui/size';
import { canCompute, MOST_BYTES, sha256Of } from './digest';
import classes from './Moderation.module.css';

/** What became of a file from which a hash is computed. */
type Told = { of: 'computing' | 'computed' | 'unreadable' | 'too_large'; name: string };

/** A SHA-256: typed in, or computed here from a file that is not sent. */
export function HashField(props: {
  value: string;
  error: string | undefined;
  onChange: (typed: string) => void;
}) {
  const { t } = useTranslation('moderation');
  const { value, onChange } = props;
  const { told, compute, forget } = useComputing(onChange);
  return (
    <div className={classes.hash}>
      <TextInput
        label={t('sha256')}
        description={t('sha256_text')}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
        classNames={{ input: classes.digits }}
        value={value}
        error={props.error}
        onChange={(event) => {
          forget();
          onChange(event.currentTarget.value);
        }}
      />
      <FromFile told={told} onFile={compute} />
    </div>
  );
}

function FromFile(props: { told: Told | null; onFile: (file: File) => void }) {
  const { t } = useTranslation('moderation');
  const size = useSize();
  const { told, onFile } = props;
  if (!canCompute()) return <p className={page.dim}>{t('insecure')}</p>;
  const words = told && t(told.of, { name: told.name, most: size(MOST_BYTES) });
  const isWrong = told?.of === 'unreadable' || told?.of === 'too_large';
  return (
    <>
      <div className={page.foot}>
        <FileButton onChange={(file) => file && onFile(file)}>
          {(button) => (
            <Button {...button} size="xs" variant="default" loading={told?.of === 'computing'}>
              {t('from_file')}
            </Button>
          )}
        </FileButton>
        <span className={page.dim}>{t('from_file_text')}</span>
      </div>
      <p role="status" className={classes.told}>
        {!isWrong && words}
      </p>
      {isWrong && (
        <p role="alert" className={page.problem}>
          {words}
        </p>
      )}
    </>
  );
}

/** Computes one file after the other; of those that are chosen meanwhile, the last one counts. */
function useComputing(onHash: (hash: string) => void) {
  const [told, setTold] = useState<Told | null>(null);
  const last = useRef(0);
  async function compute(file: File) {
    last.current += 1;
    const turn = last.current;
    const { name } = file;
    if (file.size > MOST_BYTES) return setTold({ of: 'too_large', name });
    setTold({ of: 'computing', name });
    const hash = await sha256Of(file).catch(() => null);
    if (turn !== last.current) return;
    setTold({ of: hash ? 'computed' : 'unreadable', name });
    if (hash) onHash(hash);
  }
  return {
    told,
    compute: (file: File) => void compute(file),
    /** What is typed by hand is of no file. */
    forget: () => {
      last.current += 1;
      setTold(null);
    },
  };
}
