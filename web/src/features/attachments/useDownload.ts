import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useExplain } from '~/ui/explain';
import { notifyFailure } from '~/ui/notify';
import { askFile } from './queries';
import type { Attachment } from './types';

/** Saves a file on one's own machine, from an address that was signed just now. */
export function useDownload(): (file: Attachment) => Promise<void> {
  const { t } = useTranslation('attachments');
  const explain = useExplain();
  return useCallback(
    async ({ id, original_name: name }) => {
      try {
        const { url, scan_status } = await askFile(id);
        if (url) return save(url, name);
        const state = scan_status === 'infected' ? 'state.removed' : 'state.checking';
        void notifyFailure(t('download_failed', { name }), t(state));
      } catch (error) {
        void notifyFailure(t('download_failed', { name }), explain(error));
      }
    },
    [t, explain],
  );
}

function save(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}
