// The two ends of a time that a view is narrowed to; they stand in its address.
import { replaceQuery } from '../router';
import { TextField } from './Field';

export function FromUntil({
  from,
  to,
  problem,
}: {
  from: string; // as <input type="datetime-local"> has it
  to: string;
  problem: string | undefined; // what is wrong with the two together
}) {
  return (
    <>
      <TextField
        label="From"
        type="datetime-local"
        value={from}
        onValue={(value) => replaceQuery({ from: value })}
      />
      <TextField
        label="Until"
        type="datetime-local"
        value={to}
        problem={problem}
        onValue={(value) => replaceQuery({ to: value })}
      />
    </>
  );
}
