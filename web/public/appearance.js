// Puts the chosen colour scheme and language on the page before anything is drawn.
(() => {
  const root = document.documentElement;
  let scheme = 'auto';
  try {
    scheme = localStorage.getItem('mantine-color-scheme-value') || 'auto';
    root.lang = localStorage.getItem('hd-language') || root.lang;
  } catch {
    // Storage may be refused; the system's preference is then as good as any.
  }
  const dark =
    scheme === 'dark' || (scheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
