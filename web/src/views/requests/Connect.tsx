import { useState } from 'preact/hooks';
import { post } from '../../api/client';
import type { CatalogueEntry, Credential, Request } from '../../api/types';
import { useAction } from '../../api/use';
import { Button } from '../../ui/Button';
import { CopyText } from '../../ui/CopyButton';
import { Card } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { Time } from '../../ui/Time';
import { psqlLine, shellWord, targetOf, targetOfCredential } from './connect';

// A password is shown once: it is nowhere but in this view, and gone when one leaves it.
function Password({ request, entry }: { request: Request; entry: CatalogueEntry }) {
  const [credential, setCredential] = useState<Credential | null>(null);
  const make = useAction(async () =>
    setCredential(await post<Credential>(`/requests/${request.id}/credential`)),
  );
  if (!credential) {
    return (
      <>
        <p>
          It takes a password that Curfew makes for this access alone. It is shown once, and ends with the
          access. Making another ends the one before.
        </p>
        <ProblemNote error={make.error} title="No password was made" />
        <Button icon="resources" busy={make.busy} onClick={() => void make.run()}>
          Make a password
        </Button>
      </>
    );
  }
  const target = targetOfCredential(credential, entry.connection?.tls ?? 'allow');
  return (
    <>
      <Note tone="ok">
        Copy what you need now: it is not shown again. Good until <Time at={credential.ends_at} />.
      </Note>
      <h3>Password</h3>
      <CopyText label="the password" text={credential.password} secret />
      <h3>psql</h3>
      <CopyText label="the psql command" text={psqlLine(target)} />
      <h3>Connection URI, the password included</h3>
      <CopyText label="the connection URI" text={credential.uri} secret />
      <h3>Line for ~/.pgpass</h3>
      <CopyText label="the line for .pgpass" text={credential.pgpass} secret />
    </>
  );
}

// How its requester gets in.
export function Connect({ request, entry }: { request: Request; entry: CatalogueEntry }) {
  const { connection } = entry;
  return (
    <Card title="Connect">
      {connection === null ? (
        <p>
          No listener of this server leads to <strong>{request.resource}</strong>. An administrator can add
          one.
        </p>
      ) : entry.credential ? (
        <Password request={request} entry={entry} />
      ) : (
        <>
          <p>With your own password, or certificate, of PostgreSQL:</p>
          <CopyText label="the psql command" text={psqlLine(targetOf(connection, request.requester))} />
        </>
      )}
      <h3>With the curfew command</h3>
      <CopyText label="the curfew command" text={`curfew connect ${shellWord(request.resource)}`} />
      <p class="muted">
        For DBeaver, JDBC and others:{' '}
        <code>curfew connect {shellWord(request.resource)} --local-port 15432</code>
      </p>
    </Card>
  );
}
