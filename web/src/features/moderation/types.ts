import type { components } from '~/api/app';

/** A content that was judged, or is to be. */
export type ModerationHash = components['schemas']['ModerationHash'];
/** What was judged. */
export type Verdict = components['schemas']['Verdict'];
/** A content to be judged, by its hash or by a file that has it. */
export type AddModerationHash = components['schemas']['AddModerationHash'];
/** What of a verdict shall change. */
export type ChangeModerationHash = components['schemas']['ChangeModerationHash'];
