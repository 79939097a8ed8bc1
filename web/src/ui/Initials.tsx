import classes from './Initials.module.css';

type Named = { firstname: string; lastname: string };

/** A person as two letters. Only decoration: the name always stands beside it. */
export function Initials({ person, size = 28 }: { person: Named | null; size?: number }) {
  const letters = person ? initialsOf(person) : '–';
  return (
    <span
      aria-hidden="true"
      className={classes.initials}
      data-tone={person ? toneOf(fullName(person)) : 'none'}
      style={{ width: size, height: size, fontSize: Math.round(size * 0.4) }}
    >
      {letters}
    </span>
  );
}

/** The name as people write it. */
export function fullName(person: Named): string {
  return `${person.firstname} ${person.lastname}`.trim();
}

function initialsOf(person: Named): string {
  return `${[...person.firstname][0] ?? ''}${[...person.lastname][0] ?? ''}`.toUpperCase() || '?';
}

/** The same person always has the same tint. */
function toneOf(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return sum % 5;
}
