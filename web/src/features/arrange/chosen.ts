export type Choice = { value: string; label: string };

/** Choices with everything that is chosen among them: what is no longer there can be seen, and taken off. */
export function withChosen(
  choices: Choice[],
  chosen: string[],
  gone: (value: string) => string,
): Choice[] {
  const lost = chosen.filter((value) => !choices.some((choice) => choice.value === value));
  return [...choices, ...lost.map((value) => ({ value, label: gone(value) }))];
}
