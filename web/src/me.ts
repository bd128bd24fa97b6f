// Who is signed in, for every view below the sign-in guard.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Me } from './api/types';

export const MeContext = createContext<Me | null>(null);

export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error('useMe() outside of the sign-in guard');
  return me;
}

// Sees all that was: members of `auditors`, and administrators.
export function isAuditor(me: Pick<Me, 'administrator' | 'groups'>): boolean {
  return me.administrator || me.groups.includes('auditors');
}
