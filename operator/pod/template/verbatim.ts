import { z } from 'zod';
import { isPlainObject } from '../../../api/plain-object.ts';
import type { Wire } from '../../runtime/wire.ts';

/** An object whose members the API server checks, which knows them all; here it is handed on as it is. */
export function verbatim<T extends object>() {
  return z.custom<Wire<T>>(isPlainObject, 'an object');
}
