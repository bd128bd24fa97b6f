import type { Rule } from '../../api/types';
import {
  ChoiceOf,
  FlagOf,
  LinesOf,
  NameOf,
  NamesOf,
  NumberOf,
  PairsOf,
  SuggestedOf,
  TextOf,
} from '../../objects/controls';
import type { Editor, Kind } from '../../objects/editor';
import { names, text } from '../../objects/fields';
import { Folded, Part } from '../../objects/ObjectForm';
import { RecordingOf } from '../../objects/RecordingOf';
import { isByCommand, problemsOfRule, ruleFields, sayForm, settingsOfRule, usual } from './rule';

export const ruleKind: Kind<Rule> = {
  word: 'rule',
  path: '/rules',
  specs: ruleFields,
  problems: problemsOfRule,
  settings: settingsOfRule,
};

const timeZones = (): string[] => {
  const known = Intl as unknown as { supportedValuesOf?: (key: string) => string[] };
  return ['UTC', ...(known.supportedValuesOf?.('timeZone') ?? [])];
};

// What there is to name; undefined while it is not known.
export interface Choices {
  groups: string[] | undefined;
  resources: string[] | undefined;
}

function Covers({ editor, choices }: { editor: Editor; choices: Choices }) {
  return (
    <Part title="What it covers">
      <NamesOf editor={editor} path="resources" one="resource" known={choices.resources} />
      <PairsOf editor={editor} path="attributes" hint="Beside those, every resource that has all of these." />
      <NamesOf
        editor={editor}
        path="types"
        one="type"
        known={['jit', 'command']}
        labels={{ jit: 'jit: time to connect in', command: 'command: each command is approved' }}
      />
    </Part>
  );
}

function Decides({ editor, choices }: { editor: Editor; choices: Choices }) {
  const several = names(editor.form, 'approval_groups').length > 1;
  return (
    <Part title="Who decides">
      <NamesOf
        editor={editor}
        path="required_groups"
        one="group"
        known={choices.groups}
        hint="Members of any of these. With none, everybody, and the rule binds everybody."
      />
      <NamesOf
        editor={editor}
        path="approval_groups"
        one="group"
        known={choices.groups}
        hint="Any one of their members can also reject. Nobody approves their own request."
      />
      {(several || editor.form['require_all_groups'] === true) && (
        <FlagOf editor={editor} path="require_all_groups" hint="By a different person each." />
      )}
      <NumberOf
        editor={editor}
        path="min_approvals"
        placeholder="1"
        hint="Different people; several of one group count as several."
      />
    </Part>
  );
}

function Limits({ editor }: { editor: Editor }) {
  return (
    <Part title="For how long" lead="As 30m, 2h, 1h30m or 24h.">
      <div class="two">
        <TextOf editor={editor} path="max_duration" placeholder={usual.max} />
        <TextOf editor={editor} path="default_duration" placeholder={usual.duration} />
      </div>
    </Part>
  );
}

function Reason({ editor }: { editor: Editor }) {
  return (
    <Part title="Reason">
      <FlagOf editor={editor} path="reason_required" />
      <TextOf
        editor={editor}
        path="reason_pattern"
        placeholder="\bOPS-[0-9]+\b"
        hint="A regular expression, such as a ticket's number. It makes a reason required."
      />
    </Part>
  );
}

function Exceptions({ editor, choices }: { editor: Editor; choices: Choices }) {
  const { form } = editor;
  const used = ['force_approval_groups', 'skip_review_groups', 'break_glass_groups'].some(
    (path) => names(form, path).length > 0,
  );
  return (
    <Folded title="Exceptions: deciding alone, no review, break-glass" open={used}>
      <NamesOf
        editor={editor}
        path="force_approval_groups"
        one="group"
        known={choices.groups}
        hint="One of their members approves, whatever else is wanted above."
      />
      <NamesOf
        editor={editor}
        path="skip_review_groups"
        one="group"
        known={choices.groups}
        hint="Requests of their members are approved at once, and recorded."
      />
      <NamesOf
        editor={editor}
        path="break_glass_groups"
        one="group"
        known={choices.groups}
        hint="For emergencies: their members get in at once, with a reason, and are reviewed afterwards."
      />
      <TextOf editor={editor} path="break_glass_duration" placeholder={usual.breakGlass} hint="4h at most." />
    </Folded>
  );
}

function Commands({ editor }: { editor: Editor }) {
  // What the server filled in has a word, and what nobody chose has none.
  const off = text(editor.form, 'preview') === 'off' ? 'off' : '';
  return (
    <Part
      title="Commands"
      lead="Who asks connects without a window. Each statement is held until it is approved, but for those that are allowed here."
    >
      <NamesOf
        editor={editor}
        path="allowed_statements.select"
        one="table"
        hint="As public.orders, analytics.* or, where statements name no schema, lookup. Statements that only read these run at once."
      />
      <NamesOf
        editor={editor}
        path="allowed_statements.functions"
        one="function"
        hint="Beside those that only compute, such as lower()."
      />
      <ChoiceOf
        editor={editor}
        path="preview"
        hint="A dry run really executes INSERT, UPDATE, DELETE and MERGE, takes their locks for up to 5 seconds and is rolled back."
        choices={[
          { value: off, label: 'off: the SQL alone' },
          { value: 'explain', label: 'explain: the plan (EXPLAIN)' },
          { value: 'dry_run', label: 'dry_run: what a dry run does' },
        ]}
      />
    </Part>
  );
}

function Times({ editor }: { editor: Editor }) {
  const used =
    text(editor.form, 'allowed_times.windows') !== '' || text(editor.form, 'allowed_times.time_zone') !== '';
  return (
    <Folded title="Allowed times" open={used}>
      <p class="field-hint">
        All of the time that is asked for has to be inside of these. With none, access is allowed always.
      </p>
      <LinesOf
        editor={editor}
        path="allowed_times.windows"
        placeholder={'Mon-Fri 08:00-18:00\nSat 10:00-12:00'}
        hint="One a line. Past midnight: Fri 22:00-06:00."
      />
      <SuggestedOf
        editor={editor}
        path="allowed_times.time_zone"
        suggestions={timeZones()}
        placeholder="Europe/Berlin"
        hint="What the clock on the wall says there."
      />
    </Folded>
  );
}

export function RuleFields({ editor, choices }: { editor: Editor; choices: Choices }) {
  return (
    <>
      <p class="sentence" aria-label="This rule in words">
        {sayForm(editor.form)}
      </p>
      <Part title="About">
        {editor.isNew && (
          <NameOf editor={editor} hint="What errors and requests call it. It stays the same from then on." />
        )}
        <TextOf editor={editor} path="description" hint="What it is for." />
      </Part>
      <Covers editor={editor} choices={choices} />
      <Decides editor={editor} choices={choices} />
      {isByCommand(editor.form) && <Commands editor={editor} />}
      <Limits editor={editor} />
      <Reason editor={editor} />
      <Part title="Recording">
        <RecordingOf
          editor={editor}
          hint="Of sessions whose access is approved under this rule. Their resource may ask for more."
        />
      </Part>
      <Times editor={editor} />
      <Exceptions editor={editor} choices={choices} />
    </>
  );
}
