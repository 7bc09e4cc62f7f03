import type { Context } from 'hono';
import { Problem } from './problem.ts';

const name = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const namespace = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const uid = /^[A-Za-z0-9_-]{1,128}$/;
const place = /^(0|[1-9]\d{0,14})$/;
const pageLimit = { most: 500, usual: 100 };

/** Which part of the path or the query may look like what. Throws `Problem` BadRequest. */
function matching(what: string, value: string, pattern: RegExp, accepted: string): string {
  if (pattern.test(value)) return value;
  throw new Problem(400, `${what}: ${JSON.stringify(value.slice(0, 64))} is not ${accepted}`);
}

export function namespaceOf(context: Context): string {
  return matching('namespace', context.req.param('namespace') ?? '', namespace, 'the name of a namespace');
}

export function nameOf(context: Context): string {
  return matching('name', context.req.param('name') ?? '', name, 'the name of an experiment');
}

/** The experiment that is meant where several had one name. */
export function uidOf(context: Context): string | undefined {
  const value = context.req.query('uid');
  return value === undefined ? undefined : matching('uid', value, uid, 'a uid');
}

/** Whether those are asked for whose object is gone. */
export function deletedOf(context: Context): boolean {
  return matching('deleted', context.req.query('deleted') ?? 'false', /^(true|false)$/, 'true or false') === 'true';
}

/** The place to go on from; 0: the beginning. */
export function continueOf(context: Context): number {
  return Number(matching('continue', context.req.query('continue') ?? '0', place, 'what an earlier answer gave'));
}

export function limitOf(context: Context): number {
  const { most, usual } = pageLimit;
  const value = context.req.query('limit') ?? String(usual);
  const limit = Number(matching('limit', value, /^[1-9]\d{0,8}$/, `a whole number from 1 to ${most}`));
  return Math.min(limit, most);
}
