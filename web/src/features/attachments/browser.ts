/** Browsers by what they call themselves; whoever builds on another names both, and comes first. */
const BROWSERS: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|Chromium|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** A browser and its system in two words; of what is no browser, the name that it gives itself. */
export function browserOf(agent: string): string {
  const found = (list: [RegExp, string][]) => list.find(([sign]) => sign.test(agent))?.[1];
  const browser = found(BROWSERS) ?? agent.split(/[\s/]/, 1)[0] ?? agent;
  const system = found(SYSTEMS);
  return system ? `${browser}, ${system}` : browser;
}
