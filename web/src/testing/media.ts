import type { MediaCategory, MediaSettings } from '~/features/mediasettings/types';

/** Pictures, as every organisation begins with them. */
export function aMediaCategory(change: Partial<MediaCategory> = {}): MediaCategory {
  return {
    id: 1,
    name: 'images',
    extensions: ['jpg', 'png'],
    max_bytes: 5_242_880,
    previews: true,
    staff_only: false,
    enabled: true,
    version: 1,
    updated_at: '2026-11-20T08:00:00Z',
    ...change,
  };
}

/** What every organisation begins with. */
export const mediaLimits: MediaSettings = {
  bytes_per_user: 1_073_741_824,
  files_per_user: 1000,
  uploads_a_day: 100,
  access_log_months: 12,
};
