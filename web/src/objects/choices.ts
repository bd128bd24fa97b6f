// What the fields of a form offer: names of what there is.
import { getAll } from '../api/client';
import { useLoaded } from '../api/use';

// undefined while it is not known. The group `administrators` is one even where nobody is in it.
export function useNames(path: '/groups' | '/resources' | '/users', wanted = true): string[] | undefined {
  const loaded = useLoaded(
    async (signal) =>
      wanted ? (await getAll<{ name: string }>(path, 5_000, { signal })).items.map(({ name }) => name) : [],
    [path, wanted],
  );
  if (!loaded.value || !wanted) return undefined;
  return path === '/groups' ? [...new Set([...loaded.value, 'administrators'])].sort() : loaded.value;
}
