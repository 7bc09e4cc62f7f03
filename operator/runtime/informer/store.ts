import { type KubeObject, keyOf, keyText, type ObjectKey, type Stored } from '../objects.ts';

export type Change<T extends KubeObject> =
  | { readonly type: 'Added'; readonly object: Stored<T> }
  | { readonly type: 'Updated'; readonly old: Stored<T>; readonly object: Stored<T> }
  | { readonly type: 'Deleted'; readonly object: Stored<T> };

/** The values under which an object is found in an index. */
export type IndexFunction<T extends KubeObject> = (object: Stored<T>) => readonly string[];

type Index = Map<string, Set<string>>;
const none: ReadonlySet<string> = new Set();

/** Objects by key and by the values of indexes. Each change says what it did to what was there. */
export class ObjectStore<T extends KubeObject> {
  readonly #objects = new Map<string, Stored<T>>();
  readonly #indexers: ReadonlyMap<string, IndexFunction<T>>;
  readonly #indexes = new Map<string, Index>();

  constructor(indexers: ReadonlyMap<string, IndexFunction<T>> = new Map()) {
    this.#indexers = indexers;
    for (const name of indexers.keys()) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: ObjectKey): Stored<T> | undefined {
    return this.#objects.get(keyText(key));
  }

  list(): readonly Stored<T>[] {
    return [...this.#objects.values()];
  }

  /** Objects for which the index has this value. */
  byIndex(index: string, value: string): readonly Stored<T>[] {
    const found: Stored<T>[] = [];
    for (const key of this.#indexes.get(index)?.get(value) ?? none) {
      const object = this.#objects.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  /** Takes a newer state of an object. The same version again changes nothing; another UID is another object. */
  put(object: Stored<T>, { sameVersionIsSame = true } = {}): readonly Change<T>[] {
    const key = keyText(keyOf(object));
    const old = this.#objects.get(key);
    if (old === undefined) {
      this.#set(key, object);
      return [{ type: 'Added', object }];
    }
    if (old.metadata.uid !== object.metadata.uid) {
      this.#unset(key, old);
      this.#set(key, object);
      return [
        { type: 'Deleted', object: old },
        { type: 'Added', object },
      ];
    }
    if (sameVersionIsSame && old.metadata.resourceVersion === object.metadata.resourceVersion) return [];
    this.#unset(key, old);
    this.#set(key, object);
    return [{ type: 'Updated', old, object }];
  }

  /** Forgets an object; `last` is its state when it went. */
  remove(last: Stored<T>): readonly Change<T>[] {
    const key = keyText(keyOf(last));
    const old = this.#objects.get(key);
    if (old === undefined) return [];
    this.#unset(key, old);
    return [{ type: 'Deleted', object: old.metadata.uid === last.metadata.uid ? last : old }];
  }

  /** Takes a whole list: what is not in it is gone. */
  replace(objects: readonly Stored<T>[], options: { sameVersionIsSame?: boolean } = {}): readonly Change<T>[] {
    const gone = new Map(this.#objects);
    const changes = objects.flatMap((object) => {
      gone.delete(keyText(keyOf(object)));
      return this.put(object, options);
    });
    for (const old of gone.values()) changes.push(...this.remove(old));
    return changes;
  }

  #set(key: string, object: Stored<T>): void {
    this.#objects.set(key, object);
    for (const [name, index] of this.#indexes) {
      for (const value of this.#values(name, object)) {
        const keys = index.get(value);
        if (keys) keys.add(key);
        else index.set(value, new Set([key]));
      }
    }
  }

  #unset(key: string, object: Stored<T>): void {
    this.#objects.delete(key);
    for (const [name, index] of this.#indexes) {
      for (const value of this.#values(name, object)) {
        const keys = index.get(value);
        keys?.delete(key);
        if (keys?.size === 0) index.delete(value);
      }
    }
  }

  #values(index: string, object: Stored<T>): readonly string[] {
    return this.#indexers.get(index)?.(object) ?? [];
  }
}
