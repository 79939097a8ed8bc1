import type { MediaCategory, MediaSettings } from '~/features/mediasettings/types';
import type { ModerationHash } from '~/features/moderation/types';
import { lea } from './people';

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

/** A content that Léa refused. */
export function aVerdict(change: Partial<ModerationHash> = {}): ModerationHash {
  return {
    id: 41,
    sha256: 'ab'.repeat(32),
    has_likeness: false,
    status: 'rejected',
    note: 'Spam',
    created_by: lea.id,
    updated_by: lea.id,
    created_at: '2026-11-20T08:00:00Z',
    updated_at: '2026-11-20T08:00:00Z',
    ...change,
  };
}
