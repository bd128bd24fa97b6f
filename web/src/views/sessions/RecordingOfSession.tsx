import type { RecordingMode } from '../../api/types';

// Whether a session is recorded, and the way to it for those who may read it.
export function RecordingOfSession({
  session,
  link,
}: {
  session: { id: string; user: string; resource: string; recording: RecordingMode | null };
  link: boolean;
}) {
  const { id, recording } = session;
  if (recording === null || recording === 'off') return <span class="muted">none</span>;
  const said = recording === 'full' ? 'statements and rows' : 'statements';
  if (!link) return <>{said}</>;
  return (
    <a href={`/sessions/${encodeURIComponent(id)}/recording`}>
      {said}
      <span class="unseen">
        {' '}
        of {session.user}’s session {id} on {session.resource}
      </span>
    </a>
  );
}
