import type { z } from 'zod';
import { fetchMessageSchema } from '../../../api/messages/fetch.ts';
import { announcementSchema, planMessageSchema } from '../../../api/messages/worker.ts';
import { recordSchema } from '../../../api/record/record.ts';
import type { Side } from '../../../api/subjects.ts';
import type { Stored } from '../../../store/store.ts';
import { type Fetch, type Progress, workerKey } from '../decide/observed.ts';
import type { Comparison } from '../figures.ts';
import { VisitFold } from './visit-fold.ts';

/** What the records stream tells of one experiment; made anew from the stream at any time. */
export class ProgressFold {
  readonly #comparison: Comparison;
  readonly #visits: VisitFold;
  readonly #announced = new Map<string, number>();
  readonly #fetches = new Map<string, Fetch>();
  #plan: Progress['plan'] = null;
  #snapshot: Progress | null = null;

  constructor({ objectives, links, backoffLimit }: Comparison & { readonly backoffLimit: number }) {
    this.#comparison = { objectives, links };
    this.#visits = new VisitFold(backoffLimit);
  }

  /** Takes in a message; true where a decision may change by it, false where only figures do. */
  add({ subject, value }: Stored): boolean {
    const [, , , , , kind, lane = '', side = ''] = subject.split('.');
    this.#snapshot = null;
    switch (kind) {
      case 'plan':
        this.#plan = checked(planMessageSchema, subject, value);
        return true;
      case 'worker':
        return this.#addAnnouncement(
          Number(lane),
          sideOf(side),
          checked(announcementSchema, subject, value).podAttempt,
        );
      case 'fetch':
        this.#fetches.set(workerKey(Number(lane), sideOf(side)), {
          lane: Number(lane),
          side: sideOf(side),
          ...checked(fetchMessageSchema, subject, value),
        });
        return true;
      case 'record':
        this.#visits.add(checked(recordSchema, subject, value));
        return this.#plan !== null && this.#visits.finalCount >= this.#plan.total;
      default:
        return false;
    }
  }

  #addAnnouncement(lane: number, side: Side, podAttempt: number): boolean {
    const key = workerKey(lane, side);
    this.#announced.set(key, Math.max(podAttempt, this.#announced.get(key) ?? 0));
    this.#fetches.delete(key);
    return true;
  }

  progress(): Progress {
    this.#snapshot ??= {
      plan: this.#plan,
      visits: this.#visits.visits(),
      announced: new Map(this.#announced),
      fetches: [...this.#fetches.values()],
      figures: this.#visits.figures(this.#comparison),
    };
    return this.#snapshot;
  }
}

function sideOf(text: string): Side {
  return text === 'remote' ? 'remote' : 'local';
}

/** Throws for a message that no worker of this version writes. */
function checked<S extends z.ZodType>(schema: S, subject: string, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TypeError(`the message on ${subject} is not one of this version: ${parsed.error.message}`);
}
