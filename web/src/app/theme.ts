import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** Ink blue: dark enough at 6 for white text (6.6:1), calm enough to look at all day. */
const ink: MantineColorsTuple = [
  '#eef3ff',
  '#dce5fc',
  '#b9caf7',
  '#94adf1',
  '#6f8fe9',
  '#4a70de',
  '#2f54c8',
  '#2646aa',
  '#1f398a',
  '#192e6e',
];

/** Neutral greys with a breath of blue, so that dark screens are not brown. */
const dark: MantineColorsTuple = [
  '#e4e7ec',
  '#c4cad4',
  '#a3acba',
  '#7d8798',
  '#454d5a',
  '#333a45',
  '#262c35',
  '#1b2027',
  '#14181e',
  '#0d1014',
];

export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 6, dark: 6 },
  colors: { ink, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  defaultRadius: 8,
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '20px' }, h2: { fontSize: '16px' } } },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // The placeholder for the first focus is no menu item, and screen readers are told it is none.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, shadow: 'md' } },
  },
  focusRing: 'auto',
});
