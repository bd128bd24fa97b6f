import { useState } from 'preact/hooks';
import { ApiError, getText } from '../../api/client';
import type { SessionRecord } from '../../api/types';
import { Button } from '../../ui/Button';
import { saveFile } from '../../ui/saveFile';

// Keeps the session's receipt as the node signed it, byte for byte.
export function Receipt({ session }: { session: SessionRecord }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  if (session.state !== 'ended') return null;
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setProblem('');
    try {
      const text = await getText(`/sessions/${encodeURIComponent(session.id)}/receipt`);
      saveFile(`receipt-${session.id}.json`, 'application/json', text);
    } catch (failure) {
      setProblem(failure instanceof ApiError ? failure.detail : 'The receipt could not be had.');
    }
    setBusy(false);
  };
  return (
    <>
      <Button small busy={busy} onClick={() => void save()} aria-label={`Receipt of session ${session.id}`}>
        Receipt
      </Button>
      {problem && (
        <div class="muted" role="alert">
          {problem}
        </div>
      )}
    </>
  );
}
