/** What staff do with one file: a chunk of its own, which customers never download. */
export { RefuseDialog } from '../moderation/RefuseDialog';
export { ShareDialog } from '../shares/ShareDialog';
export { Accesses } from './Accesses';
export { Details } from './Details';
