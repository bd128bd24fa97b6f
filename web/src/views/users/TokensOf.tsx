import { getAll, withQuery } from '../../api/client';
import type { Token } from '../../api/types';
import { useLoaded } from '../../api/use';
import { Card } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { TokenTable } from '../account/TokenTable';

// The tokens of somebody else, for administrators: nothing where there are none.
export function TokensOf({ user }: { user: string }) {
  const tokens = useLoaded(
    (signal) => getAll<Token>(withQuery('/tokens', { user }), 1_000, { signal }),
    [user],
  );
  if (tokens.error !== undefined) return <ProblemNote error={tokens.error} onRetry={tokens.reload} />;
  if (!tokens.value || tokens.value.items.length === 0) return null;
  return (
    <Card title="Tokens">
      <TokenTable tokens={tokens.value.items} whose={user} onRevoked={tokens.reload} />
    </Card>
  );
}
