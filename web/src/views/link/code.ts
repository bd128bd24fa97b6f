// The code of a link that `/curfew link` gave: behind the # of the address, which browsers send to nobody.

const key = 'curfew-chat-link';

// In whichever storage of the browser's lasts as long as this tab: whoever has to sign in first may be led to another
// site and back.
export interface Keeping {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

// base64url, as the server writes it.
export function isCode(text: string): boolean {
  return /^[A-Za-z0-9_-]{20,2000}$/.test(text);
}

// Keeps the code of an address, if that is the address of such a link; gives whether it was.
export function keepCode(url: { pathname: string; hash: string }, keeping: Keeping): boolean {
  const code = url.hash.replace(/^#/, '');
  if (url.pathname.replace(/\/+$/, '') !== '/link-chat' || !isCode(code)) return false;
  keeping.setItem(key, code);
  return true;
}

export function keptCode(keeping: Keeping): string | null {
  const code = keeping.getItem(key);
  return code !== null && isCode(code) ? code : null;
}

export function forgetCode(keeping: Keeping): void {
  keeping.removeItem(key);
}
