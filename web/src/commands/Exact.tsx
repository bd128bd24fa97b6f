import { exact, exactLines, type Piece } from './exact';
import './commands.css';

function Pieces({ pieces }: { pieces: Piece[] }) {
  return (
    <>
      {pieces.map((piece, i) =>
        piece.hidden ? (
          <span key={i} class="exact-hidden">
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
    </>
  );
}

// A text of which nothing is hidden: what would not be seen stands there as its number.
export function Exact({ text }: { text: string }) {
  return <Pieces pieces={exact(text)} />;
}

// Lines of it, none of which goes on out of sight. Numbers tell where one begins from where one was only too long for
// its place.
export function ExactBlock({ text, label }: { text: string; label: string }) {
  const lines = exactLines(text);
  const numbered = lines.length > 1;
  return (
    <pre
      class={numbered ? 'exact exact-numbered' : 'exact'}
      style={{ '--digits': String(lines.length).length }}
      role="group"
      aria-label={label}
    >
      <code>
        {lines.map((pieces, i) => (
          <span key={i} class="exact-line">
            <Pieces pieces={pieces} />
          </span>
        ))}
      </code>
    </pre>
  );
}
