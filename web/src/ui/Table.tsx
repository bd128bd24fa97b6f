import type { ComponentChildren } from 'preact';
import { classes } from './classes';

export interface Column<T> {
  head: string; // also beside the value where the table has turned into cards
  cell: (row: T) => ComponentChildren;
  end?: boolean; // at the right: numbers, buttons
  title?: boolean; // heads the card
}

// A table that turns into cards below 640 px. Its roles are written out: with display: block browsers forget them.
export function Table<T>({
  caption,
  columns,
  rows,
  rowKey,
}: {
  caption: string; // for those who cannot see where it stands
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
}) {
  return (
    <table class="table" role="table">
      <caption class="unseen">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.head} scope="col" role="columnheader" class={classes(column.end && 'end')}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row">
            {columns.map((column) => (
              <td
                key={column.head}
                role="cell"
                data-head={column.head}
                class={classes(column.end && 'end', column.title && 'card-title')}
              >
                {/* One thing beside its heading, whatever it is made of. */}
                <div>{column.cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
