import { useState } from 'preact/hooks';
import type { CommandPreview } from '../api/types';
import { Button } from '../ui/Button';
import { Note } from '../ui/ProblemNote';
import { ExactBlock } from './Exact';
import { foldedPreview, sayPreview } from './words';

const title = 'What PostgreSQL would do';

// The preview of a command, for those who decide. A long one is folded; the SQL is what is approved.
export function Preview({ preview }: { preview: CommandPreview }) {
  const [unfolded, setUnfolded] = useState(false);
  const folded = unfolded ? null : foldedPreview(preview);
  const { name, made } = sayPreview(preview);
  return (
    <section class="preview" aria-label={title}>
      <h3>{title}</h3>
      <p class="muted">
        {name}: {made}
      </p>
      {preview.failed && <Note tone="warn">Not all of it could be shown. The text says why.</Note>}
      {preview.text && <ExactBlock text={folded?.beginning ?? preview.text} label={name} />}
      {folded && (
        <div class="sql-folded">
          <p class="muted">Only its beginning is shown.</p>
          <Button onClick={() => setUnfolded(true)}>Show the whole preview ({folded.lines} lines)</Button>
        </div>
      )}
    </section>
  );
}
