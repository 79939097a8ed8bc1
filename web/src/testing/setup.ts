import '@testing-library/jest-dom/vitest';
import { notifications } from '@mantine/notifications';
import { cleanup, configure } from '@testing-library/react';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { afterEach } from 'vitest';
import en from '~/i18n/en';
import door from '~/i18n/en/door';
import more from '~/i18n/en/more';
import operator from '~/i18n/en/operator';

// The browser features that the component library asks for and happy-dom does not have.
window.matchMedia ??= (() => ({
  matches: false,
  addEventListener() {},
  removeEventListener() {},
})) as never;
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

Object.defineProperty(document, 'fonts', { value: new EventTarget() });

await i18next.use(initReactI18next).init({
  lng: 'en',
  defaultNS: 'app',
  ns: [],
  resources: { en: { ...en, ...door, ...more, ...operator } },
  interpolation: { escapeValue: false },
});

// A missing element is named; the whole page around it helps nobody.
// What comes is waited for long enough on a busy machine, too.
configure({
  asyncUtilTimeout: 5000,
  getElementError: (message) => new Error(message ?? 'not found'),
});

afterEach(() => {
  cleanup();
  notifications.clean();
  notifications.cleanQueue();
});
