/**
 * A model type of @kubernetes/client-node as it stands in JSON: times are ISO 8601 strings, everything is readonly.
 * client-node's own client turns times into `Date` and back; objects that are kept and compared stay as the server sent them.
 */
export type Wire<T> = unknown extends T
  ? unknown
  : T extends Date
    ? string
    : T extends readonly (infer Element)[]
      ? readonly Wire<Element>[]
      : T extends object
        ? { readonly [Key in keyof T]: Wire<T[Key]> }
        : T;
