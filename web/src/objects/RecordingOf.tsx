import { ChoiceOf } from './controls';
import type { Editor } from './editor';
import { text } from './fields';

// How much of a session is written down, of a resource as of a rule.
export function RecordingOf({ editor, hint }: { editor: Editor; hint: string }) {
  // What the server filled in has a word, and what nobody chose has none.
  const off = text(editor.form, 'recording') === 'off' ? 'off' : '';
  return (
    <ChoiceOf
      editor={editor}
      path="recording"
      hint={hint}
      choices={[
        { value: off, label: 'off: nothing' },
        { value: 'statements', label: 'statements: what is asked for, and how it went' },
        { value: 'full', label: 'full: the rows that come back as well' },
      ]}
    />
  );
}
