import { classes } from '../../ui/classes';

const fits = 24; // as `[2001:db8::1]:51234`

// Where a client is. A longer one is broken where there is no room.
export function Address({ of }: { of: string }) {
  return <span class={classes('number', of.length <= fits && 'nowrap')}>{of}</span>;
}
