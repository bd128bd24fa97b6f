// Names as the server takes them (config/values.cpp).
const longest = 63;
const bytes = (text: string) => new TextEncoder().encode(text).length;

// Of resources and rules: what people type behind `dbname=`.
export function wrongPlainName(name: string): string | undefined {
  if (name === '') return 'Give it a name.';
  if (/^[A-Za-z0-9._-]+$/.test(name) && name.length <= longest) return undefined;
  return `A name has 1 to ${longest} of the characters A-Z a-z 0-9 . _ - and no others.`;
}

// Of groups, and whatever PostgreSQL names.
export function wrongName(name: string): string | undefined {
  if (name === '') return 'Give it a name.';
  if (/[\u0000-\u001f\u007f]/.test(name) || bytes(name) > longest)
    return `A name has 1 to ${longest} bytes and no control characters.`;
  return undefined;
}

// Of users: what means somebody else where a grant is given is no user's name.
export function wrongUserName(name: string): string | undefined {
  const wrong = wrongName(name);
  if (wrong) return wrong;
  if (name === '*' || name.startsWith('group:'))
    return `'${name}' means something else where a grant is given. A user cannot have that name.`;
  return undefined;
}
