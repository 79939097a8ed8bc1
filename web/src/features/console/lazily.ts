import { lazy } from 'react';
import { allWords } from '~/i18n';

const later = async () => (await Promise.all([import('./later'), allWords()]))[0];

export const AvailabilityForm = lazy(() => later().then((c) => ({ default: c.AvailabilityForm })));
export const OwnStatus = lazy(() => later().then((c) => ({ default: c.OwnStatus })));
export const BulkBar = lazy(() => later().then((c) => ({ default: c.BulkBar })));
export const BulkResult = lazy(() => later().then((c) => ({ default: c.BulkResult })));
export const Notices = lazy(() => later().then((c) => ({ default: c.Notices })));
export const FindTicket = lazy(() => later().then((c) => ({ default: c.FindTicket })));
export const FirstSteps = lazy(() => later().then((c) => ({ default: c.FirstSteps })));
export const Narrowed = lazy(() => later().then((c) => ({ default: c.Narrowed })));
export const NarrowForm = lazy(() => later().then((c) => ({ default: c.NarrowForm })));
export const SaveView = lazy(() => later().then((c) => ({ default: c.SaveView })));
export const ListActions = lazy(() => later().then((c) => ({ default: c.ListActions })));
export const Palette = lazy(() => later().then((c) => ({ default: c.Palette })));
export const ShortcutSheet = lazy(() => later().then((c) => ({ default: c.ShortcutSheet })));
