import { lazy } from 'react';

const parts = () => import('./parts');

export const Files = lazy(() => parts().then((one) => ({ default: one.Files })));
export const OwnFiles = lazy(() => parts().then((one) => ({ default: one.OwnFiles })));
export const TicketFiles = lazy(() => parts().then((one) => ({ default: one.TicketFiles })));
export const UploadRows = lazy(() => parts().then((one) => ({ default: one.UploadRows })));
export const UnfinishedRows = lazy(() => parts().then((one) => ({ default: one.UnfinishedRows })));
