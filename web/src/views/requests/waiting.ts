// What waits for the one who is signed in: for the view, and for the number beside its name in the navigation.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type LiveList, useRequests } from './live';
import { waitsForReader } from './words';

export const WaitingContext = createContext<LiveList | null>(null);

export function useReadWaiting(): LiveList {
  return useRequests({ view: 'waiting_for_me' }, waitsForReader);
}

export function useWaiting(): LiveList {
  const waiting = useContext(WaitingContext);
  if (!waiting) throw new Error('useWaiting() outside of the layout');
  return waiting;
}
