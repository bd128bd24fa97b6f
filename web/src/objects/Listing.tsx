import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Loaded } from '../api/use';
import type { Page as Listed } from '../api/client';
import { EmptyState } from '../ui/EmptyState';
import { TextField } from '../ui/Field';
import type { IconName } from '../ui/Icon';
import { Loading } from '../ui/Page';
import { ProblemNote } from '../ui/ProblemNote';
import { Table, type Column } from '../ui/Table';

const worthSearching = 8;

// A list of objects, with a field to find one where there are many, and what to do where there is none.
export function Listing<T extends { name: string }>({
  loaded,
  what,
  icon,
  columns,
  wordsOf,
  empty,
  teaches,
  action,
}: {
  loaded: Loaded<Listed<T>>;
  what: string; // `rules`
  icon: IconName;
  columns: Column<T>[];
  wordsOf: (one: T) => string[]; // what it is found by
  empty: string;
  teaches: ComponentChildren;
  action?: ComponentChildren;
}) {
  const [wanted, setWanted] = useState('');
  if (loaded.error !== undefined && !loaded.value)
    return <ProblemNote error={loaded.error} onRetry={loaded.reload} />;
  if (!loaded.value) return <Loading what={what} />;
  const all = loaded.value.items;
  if (all.length === 0) {
    return (
      <EmptyState icon={icon} title={empty} action={action}>
        {teaches}
      </EmptyState>
    );
  }
  const word = wanted.trim().toLowerCase();
  const rows = all.filter((one) => wordsOf(one).some((text) => text.toLowerCase().includes(word)));
  return (
    <>
      {all.length >= worthSearching && (
        <div class="find">
          <TextField label="Find" type="search" value={wanted} onValue={setWanted} />
          <p class="muted" role="status">
            {word === '' ? `${all.length} ${what}` : `${rows.length} of ${all.length} ${what}`}
          </p>
        </div>
      )}
      {rows.length > 0 ? (
        <Table caption={what} columns={columns} rows={rows} rowKey={(row) => row.name} />
      ) : (
        <EmptyState icon={icon} title={`None of the ${what} matches “${wanted.trim()}”`} />
      )}
      {loaded.value.next !== null && <p class="muted">There are more than these.</p>}
    </>
  );
}
