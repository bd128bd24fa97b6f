// Which field a problem belongs to: the server names members (`approval_groups[1]`), forms have fields.
import { ApiError, type MemberProblem } from '../api/client';

export type Problems = Record<string, string>; // by path; '' for what is about the whole

// The field that shows a member: its own, or the nearest one above it.
export function fieldOf(member: string, paths: string[]): string {
  let path = member;
  while (path !== '') {
    if (paths.includes(path)) return path;
    path = path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['), 0));
  }
  return '';
}

export function byField(problems: MemberProblem[], paths: string[]): Problems {
  const found: Problems = {};
  for (const { member, detail } of problems) {
    const path = fieldOf(member, paths);
    const said = path === '' && member !== '' ? `${member}: ${detail}` : detail;
    found[path] = found[path] ? `${found[path]}\n${said}` : said;
  }
  return found;
}

// Of what was refused, the problems that fields show; what has none stands under ''.
export function problemsOf(error: unknown, paths: string[]): Problems {
  if (!(error instanceof ApiError)) return error === undefined ? {} : { '': String(error) };
  if (error.problems.length > 0) return byField(error.problems, paths);
  return { '': error.detail };
}
