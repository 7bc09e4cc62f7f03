import assert from 'node:assert/strict';
import { isPlainObject } from '../../../api/plain-object.ts';

/** Fails unless two values have members of the same names, down to the leaves; where one has null, the other may have anything. */
export function assertSameMembers(one: unknown, other: unknown, path: string): void {
  if (Array.isArray(one) && Array.isArray(other)) {
    for (const [index, item] of one.entries()) {
      if (index < other.length) assertSameMembers(item, other[index], `${path}[${index}]`);
    }
  } else if (isPlainObject(one) && isPlainObject(other)) {
    assert.deepEqual(Object.keys(one).sort(), Object.keys(other).sort(), path);
    for (const [name, value] of Object.entries(one)) assertSameMembers(value, other[name], `${path}.${name}`);
  } else if (one !== null && other !== null) {
    assert.equal(typeof one, typeof other, path);
  }
}
