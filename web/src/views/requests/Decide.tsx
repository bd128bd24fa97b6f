// What one may do about a request, each in a dialog of its own: two taps for what is usual.
import { useState } from 'preact/hooks';
import { post, problemOf } from '../../api/client';
import type { CatalogueEntry, Grant, NewReview, Request } from '../../api/types';
import { useAction, useCreate } from '../../api/use';
import { Exact } from '../../commands/Exact';
import { titleOf } from '../../commands/words';
import { parseDuration, sayDuration } from '../../duration';
import { Button, type Tone } from '../../ui/Button';
import { Actions, Dialog } from '../../ui/Dialog';
import { DurationChips, durationProblem } from '../../ui/DurationChips';
import { TextArea } from '../../ui/Field';
import type { IconName } from '../../ui/Icon';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { Select } from '../../ui/Select';
import { toast } from '../../ui/Toast';
import { isShorter, sayWish } from './words';

interface DialogProps {
  request: Request;
  onClose: () => void;
  onDone: (request: Request) => void;
}

const isLate = (request: Request) => request.status !== 'PENDING' && request.review_due;

// For which of one's groups one decides: asked only where there are several.
function GroupChoice({
  request,
  group,
  onGroup,
}: {
  request: Request;
  group: string;
  onGroup: (group: string) => void;
}) {
  const groups = request.view?.may_review_for ?? [];
  if (groups.length < 2) return null;
  return (
    <Select
      label="For which of your groups"
      hint="You count once."
      value={group}
      choices={groups.map((name) => ({ value: name, label: name }))}
      onValue={onGroup}
    />
  );
}

// A live command comes without one: nobody is asked for it at a prompt.
export function Reason({ request }: { request: Request }) {
  if (request.reason) return <blockquote>{request.reason}</blockquote>;
  return request.command ? null : <p class="muted">No reason was given.</p>;
}

function Wish({ request }: { request: Request }) {
  return (
    <div class="wish">
      <p>
        <strong>{request.requester}</strong>: {sayWish(request)}
        {request.replication && ', with replication'}
      </p>
      {request.command && (
        <code class="sql-line">
          <Exact text={titleOf(request.command)} />
        </code>
      )}
      <Reason request={request} />
    </div>
  );
}

function sayApproved(request: Request): string {
  if (request.command) return `Approved ${request.id}: it runs now`;
  const length = request.granted ?? request.duration;
  return `Approved ${request.id}: ${sayWish({ ...request, duration: length })} for ${request.requester}`;
}

function useReview(request: Request, onDone: (request: Request) => void) {
  const create = useCreate();
  const [group, setGroup] = useState(request.view?.may_review_for[0] ?? '');
  const action = useAction(async (review: NewReview) => {
    const body = group ? { ...review, group } : review;
    onDone(await create<Request>(`/requests/${request.id}/reviews`, body));
  });
  return { group, setGroup, action };
}

export function ApproveDialog({ request, onClose, onDone }: DialogProps) {
  const late = isLate(request);
  const [duration, setDuration] = useState(request.duration);
  const [comment, setComment] = useState('');
  const { group, setGroup, action } = useReview(request, (reviewed) => {
    toast(
      reviewed.status === 'PENDING'
        ? `Approved ${request.id} for ${group}; others are still missing`
        : late
          ? `Reviewed ${request.id}`
          : sayApproved(reviewed),
    );
    onDone(reviewed);
  });
  // A command runs once: there is no time to shorten.
  const timed = !late && !request.command;
  const shorter = timed && isShorter(duration, request.duration);
  const approve = () => {
    if (timed && durationProblem(duration, request.duration)) return;
    void action.run({
      verdict: 'approve',
      ...(comment.trim() ? { comment: comment.trim() } : {}),
      ...(shorter ? { duration } : {}),
    });
  };
  const length = parseDuration(duration);
  return (
    <Dialog title={late ? `Was ${request.id} right?` : `Approve ${request.id}`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          approve();
        }}
      >
        <Wish request={request} />
        <GroupChoice request={request} group={group} onGroup={setGroup} />
        {timed && (
          <DurationChips
            label="For how long"
            value={duration}
            onValue={setDuration}
            maximum={request.duration}
            problem={problemOf(action.error, 'duration')}
          />
        )}
        <TextArea
          label="Comment"
          optional
          rows={2}
          maxLength={1000}
          value={comment}
          onValue={setComment}
          problem={problemOf(action.error, 'comment')}
        />
        <ProblemNote error={action.error} title="Not approved" shown={['duration', 'comment']} />
        <div class="actions">
          <Button type="submit" tone="primary" icon="check" busy={action.busy} autofocus>
            {late
              ? 'It was right'
              : timed
                ? `Approve for ${length === null ? '…' : sayDuration(length)}`
                : 'Approve'}
          </Button>
          <Button onClick={onClose}>Back</Button>
        </div>
      </form>
    </Dialog>
  );
}

export function RejectDialog({ request, onClose, onDone }: DialogProps) {
  const late = isLate(request);
  const live = request.status === 'APPROVED';
  const [comment, setComment] = useState('');
  const { group, setGroup, action } = useReview(request, (reviewed) => {
    toast(late ? `Reviewed ${request.id}` : `Rejected ${request.id}`);
    onDone(reviewed);
  });
  return (
    <Dialog title={late ? `Was ${request.id} wrong?` : `Reject ${request.id}`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run({ verdict: 'reject', ...(comment.trim() ? { comment: comment.trim() } : {}) });
        }}
      >
        <Wish request={request} />
        {late && live && <Note tone="warn">Its time still runs: this also ends the access at once.</Note>}
        <GroupChoice request={request} group={group} onGroup={setGroup} />
        <TextArea
          label="Reason"
          hint={`${request.requester} reads it, and it stays on record.`}
          optional
          rows={2}
          maxLength={1000}
          value={comment}
          onValue={setComment}
          problem={problemOf(action.error, 'comment')}
        />
        <ProblemNote error={action.error} title="Not rejected" shown={['comment']} />
        <div class="actions">
          <Button type="submit" tone="danger" icon="cross" busy={action.busy}>
            {late ? 'It was not right' : 'Reject'}
          </Button>
          <Button onClick={onClose}>Back</Button>
        </div>
      </form>
    </Dialog>
  );
}

// Cancels what is PENDING, revokes what is APPROVED.
export function TakeBackDialog({ request, onClose, onDone }: DialogProps) {
  const pending = request.status === 'PENDING';
  const [comment, setComment] = useState('');
  const action = useAction(async () => {
    const body = comment.trim() ? { comment: comment.trim() } : {};
    const now = await post<Request>(`/requests/${request.id}/revoke`, body);
    const ends = request.command ? 'it is not run' : 'every session under it is ending';
    toast(pending ? `Cancelled ${request.id}` : `Revoked ${request.id}: ${ends}`);
    onDone(now);
  });
  return (
    <Dialog title={pending ? `Cancel ${request.id}` : `Revoke ${request.id}`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run();
        }}
      >
        <Wish request={request} />
        {!pending && (
          <Note tone="warn">
            {request.command
              ? 'It is not run, if it has not been yet.'
              : 'Every session under it ends now: the client is told why, what runs is stopped, and what is not committed is rolled back.'}
          </Note>
        )}
        <TextArea
          label="Reason"
          optional
          rows={2}
          maxLength={1000}
          value={comment}
          onValue={setComment}
          problem={problemOf(action.error, 'comment')}
        />
        <ProblemNote
          error={action.error}
          title={pending ? 'Not cancelled' : 'Not revoked'}
          shown={['comment']}
        />
        <div class="actions">
          <Button type="submit" tone="danger" icon="stop" busy={action.busy}>
            {pending ? 'Cancel the request' : 'Revoke'}
          </Button>
          <Button onClick={onClose}>Back</Button>
        </div>
      </form>
    </Dialog>
  );
}

// More time: for its requester a request like the first one, for an administrator a change of the grant at once.
export function ExtendDialog({
  request,
  grant,
  entry,
  own,
  onClose,
  onAsked,
  onExtended,
}: {
  request: Request;
  grant: Grant;
  entry: CatalogueEntry | undefined;
  own: boolean;
  onClose: () => void;
  onAsked: (extension: Request) => void;
  onExtended: () => void;
}) {
  const create = useCreate();
  const [by, setBy] = useState('30m');
  const [reason, setReason] = useState('');
  const terms = entry?.terms;
  const action = useAction(async () => {
    if (own) {
      const body = { extends: grant.id, duration: by, ...(reason.trim() ? { reason: reason.trim() } : {}) };
      const asked = await create<Request>('/requests', body);
      toast(asked.status === 'PENDING' ? `Asked for more time: ${asked.id}` : `${sayDuration(by)} more`);
      onAsked(asked);
    } else {
      await create<Grant>(`/grants/${grant.id}/extend`, { by });
      toast(`${request.requester} has ${sayDuration(by)} more on ${request.resource}`);
      onExtended();
    }
  });
  return (
    <Dialog title={own ? 'Ask for more time' : `Extend ${grant.id}`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!durationProblem(by, own ? (terms?.max_duration ?? null) : null)) void action.run();
        }}
      >
        <p class="muted">
          {own
            ? 'It is decided like the first request. Once approved, the end moves, and your sessions notice nothing.'
            : 'The end moves at once, and the sessions under it notice nothing.'}
        </p>
        <DurationChips
          label="How much more"
          value={by}
          onValue={setBy}
          maximum={own ? (terms?.max_duration ?? null) : null}
          problem={problemOf(action.error, own ? 'duration' : 'by')}
        />
        {own && (
          <TextArea
            label="Reason"
            optional={!terms?.reason_required}
            required={terms?.reason_required ?? false}
            rows={2}
            maxLength={1000}
            value={reason}
            onValue={setReason}
            problem={problemOf(action.error, 'reason')}
          />
        )}
        <ProblemNote
          error={action.error}
          title={own ? 'Not asked' : 'Not extended'}
          shown={['duration', 'by', 'reason']}
        />
        <div class="actions">
          <Button type="submit" tone="primary" busy={action.busy}>
            {own ? `Ask for ${sayDuration(by)} more` : `Extend by ${sayDuration(by)}`}
          </Button>
          <Button onClick={onClose}>Back</Button>
        </div>
      </form>
    </Dialog>
  );
}

type Opened = 'approve' | 'reject' | 'take_back';

// The buttons for what the reader may do, and their dialogs.
export function Decide({
  request,
  onDone,
  reviewOnly = false,
  unread = false,
}: {
  request: Request;
  onDone: (request: Request) => void;
  reviewOnly?: boolean;
  unread?: boolean; // not all of it was shown: it cannot be approved yet
}) {
  const [open, setOpen] = useState<Opened | null>(null);
  const { view } = request;
  if (!view) return null;
  const late = isLate(request);
  const reviews = view.may_review_for.length > 0 && (request.status === 'PENDING' || late);
  const buttons: { open: Opened; label: string; tone: Tone; icon: IconName }[] = [];
  if (reviews && !unread) {
    buttons.push({
      open: 'approve',
      label: late ? 'It was right' : 'Approve',
      tone: 'primary',
      icon: 'check',
    });
  }
  if (reviews) {
    buttons.push({
      open: 'reject',
      label: late ? 'It was not right' : 'Reject',
      tone: 'danger',
      icon: 'cross',
    });
  }
  if (view.may_cancel && !reviewOnly)
    buttons.push({ open: 'take_back', label: 'Cancel', tone: 'danger', icon: 'stop' });
  if (view.may_revoke && !reviewOnly)
    buttons.push({ open: 'take_back', label: 'Revoke', tone: 'danger', icon: 'stop' });
  const dialog = {
    request,
    onClose: () => setOpen(null),
    onDone: (now: Request) => {
      setOpen(null);
      onDone(now);
    },
  };
  return (
    <>
      {reviews && unread && <p class="muted">To approve it, have all of it shown first.</p>}
      {buttons.length > 0 && (
        <Actions>
          {buttons.map((button) => (
            <Button
              key={button.label}
              tone={button.tone}
              icon={button.icon}
              aria-label={`${button.label} ${request.id}`}
              onClick={() => setOpen(button.open)}
            >
              {button.label}
            </Button>
          ))}
        </Actions>
      )}
      {open === 'approve' && <ApproveDialog {...dialog} />}
      {open === 'reject' && <RejectDialog {...dialog} />}
      {open === 'take_back' && <TakeBackDialog {...dialog} />}
    </>
  );
}
