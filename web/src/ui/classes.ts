// Class names, of what is there: classes('chip', selected && 'chip-on').
export function classes(...names: (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
