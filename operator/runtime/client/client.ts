import type { Clock } from '../clock.ts';
import { type KubeObject, keyOf, keyText, type ObjectKey, type Stored } from '../objects.ts';
import { apiVersionOf, type Resource } from '../resource.ts';
import { ApiUnreachable } from './errors.ts';
import { type ListPage, readListPage } from './list-page.ts';
import type {
  Applied,
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  ListOptions,
  Observed,
  PatchOptions,
  WatchOptions,
  WriteOptions,
} from './options.ts';
import { collectionPath, objectPath, withQuery } from './path.ts';
import { asStored, isRecord, parseJson } from './stored.ts';
import type { ApiRequest, Transport } from './transport.ts';
import type { WatchEvent } from './watch-event.ts';
import { watchEvents } from './watch-stream.ts';

const defaultTimeoutMs = 30_000;
const patchTypes = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

interface Call {
  readonly verb: string;
  readonly method: ApiRequest['method'];
  readonly path: string;
  readonly name: string;
  readonly idempotent: boolean;
  readonly body?: unknown;
  readonly contentType?: string;
}

function writeQuery({ dryRun, fieldManager }: WriteOptions) {
  return { dryRun: dryRun ? 'All' : undefined, fieldManager };
}

/** A review comes back as it was sent, with a status. */
function isReviewOf<T extends KubeObject>(sent: T, answer: unknown): answer is T {
  return isRecord(answer) && isRecord(answer.status) && 'spec' in sent === 'spec' in answer;
}

/**
 * Reads and writes objects over one pool of connections. Every call takes a signal and a timeout, throws one error
 * class per kind of failure, and is repeated where the server asks for that or where repeating does no harm.
 */
export class Client implements AsyncDisposable {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #fence: (() => void) | undefined;

  constructor(transport: Transport, clock: Clock, fence?: () => void) {
    this.#transport = transport;
    this.#clock = clock;
    this.#fence = fence;
  }

  /** The same client over the same connections; `fence` is called before each write goes out and may throw. */
  withFence(fence: () => void): Client {
    return new Client(this.#transport, this.#clock, fence);
  }

  /** Reads one object from the server. Throws NotFound. */
  async get<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: CallOptions = {},
  ): Promise<Stored<T>> {
    const path = objectPath(resource, key);
    return await this.#stored(
      resource,
      { verb: 'get', method: 'GET', path, name: keyText(key), idempotent: true },
      options,
    );
  }

  /** Reads one page of a list. Throws Gone where `continue` is too old. */
  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<ListPage<T>> {
    const { namespace, labelSelector, fieldSelector, limit, resourceVersion } = options;
    const query = { labelSelector, fieldSelector, limit, continue: options.continue, resourceVersion };
    const path = withQuery(collectionPath(resource, namespace), query);
    const call: Call = { verb: 'list', method: 'GET', path, name: namespace ?? '', idempotent: true };
    const request = this.#request(resource, call, options);
    return readListPage(request.subject, resource, await this.#transport.send(request));
  }

  /** Reads a list page by page, 500 objects each. Throws Gone where reading took so long that the list is too old. */
  async *listAll<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions = {},
  ): AsyncGenerator<ListPage<T>, void> {
    let next: string | null = null;
    do {
      const page: ListPage<T> = await this.list(resource, {
        limit: 500,
        ...options,
        ...(next ? { continue: next } : {}),
      });
      yield page;
      next = page.continue;
    } while (next !== null);
  }

  /**
   * Changes from `resourceVersion` on, with bookmarks, until the server ends the watch after `timeoutSeconds`.
   * Throws Gone where that version is too old, ApiUnreachable where the stream is cut, and what ERROR events describe.
   */
  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>, void> {
    const { namespace, labelSelector, fieldSelector, resourceVersion, timeoutSeconds, signal, openTimeoutMs } = options;
    const query = {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion,
      timeoutSeconds,
      labelSelector,
      fieldSelector,
    };
    const path = withQuery(collectionPath(resource, namespace), query);
    const call: Call = { verb: 'watch', method: 'GET', path, name: namespace ?? '', idempotent: true };
    const request = this.#request(resource, call, { timeoutMs: openTimeoutMs ?? defaultTimeoutMs });
    return watchEvents({ transport: this.#transport, clock: this.#clock, resource, request, timeoutSeconds, signal });
  }

  /** Stores a new object. Throws AlreadyExists, Invalid, Forbidden (quota and admission too). */
  async create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    return await this.#stored(resource, this.#post(resource, object, options), options);
  }

  /** Sends a request that is answered and not stored: a TokenReview or SubjectAccessReview with its status filled in. */
  async review<T extends KubeObject>(resource: Resource<T>, object: T, options: CallOptions = {}): Promise<T> {
    const request = this.#request(resource, { ...this.#post(resource, object, {}), idempotent: true }, options);
    const answer = parseJson(request.subject, await this.#transport.send(request));
    if (!isReviewOf(object, answer)) throw new ApiUnreachable(request.subject, `the answer is not a ${resource.kind}`);
    return answer;
  }

  /** Server-side apply of the fields given. Throws FieldConflict where another manager owns one and `force` is not set. */
  async apply<T extends KubeObject>(
    resource: Resource<T>,
    object: Applied<T>,
    options: ApplyOptions,
  ): Promise<Stored<T>> {
    return await this.#apply(resource, object, options, undefined);
  }

  /** Server-side apply of the status. Throws Conflict where the object has changed since `metadata.resourceVersion`. */
  async applyStatus<T extends KubeObject>(
    resource: Resource<T>,
    object: Observed<T>,
    options: ApplyOptions,
  ): Promise<Stored<T>> {
    return await this.#apply(resource, object, options, 'status');
  }

  /** Replaces an object as it was read. Throws Conflict where it has changed since. */
  async update<T extends KubeObject>(
    resource: Resource<T>,
    object: Stored<T>,
    options: WriteOptions = {},
  ): Promise<Stored<T>> {
    return await this.#replace(resource, object, options, undefined);
  }

  /** Replaces the status of an object as it was read. Throws Conflict where the object has changed since. */
  async updateStatus<T extends KubeObject>(
    resource: Resource<T>,
    object: Stored<T>,
    options: WriteOptions = {},
  ): Promise<Stored<T>> {
    return await this.#replace(resource, object, options, 'status');
  }

  /** Changes parts of an object. Throws NotFound, Conflict where the patch carries a resourceVersion that has passed. */
  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: object,
    options: PatchOptions = {},
  ): Promise<Stored<T>> {
    const { type = 'merge', subresource } = options;
    const path = withQuery(objectPath(resource, key, subresource), writeQuery(options));
    const call: Call = {
      verb: 'patch',
      method: 'PATCH',
      path,
      name: keyText(key),
      // Operations of a JSON patch may add up.
      idempotent: type !== 'json',
      body: patch,
      contentType: patchTypes[type],
    };
    return await this.#stored(resource, call, options);
  }

  /** Asks the server to delete an object. Throws NotFound; Conflict where UID or resourceVersion differ. */
  async delete<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<void> {
    const { uid, resourceVersion, propagationPolicy, gracePeriodSeconds, dryRun } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy,
      gracePeriodSeconds,
      preconditions: { uid, resourceVersion },
      dryRun: dryRun ? ['All'] : undefined,
    };
    const path = objectPath(resource, key);
    const call: Call = { verb: 'delete', method: 'DELETE', path, name: keyText(key), idempotent: true, body };
    await this.#transport.send(this.#request(resource, call, options));
  }

  /** Posts to a subresource (`eviction`, `token`) and gives the answer as parsed JSON. */
  async createSubresource<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    subresource: string,
    body: object,
    options: CallOptions = {},
  ): Promise<unknown> {
    const path = objectPath(resource, key, subresource);
    const verb = `create ${subresource} of`;
    const call: Call = { verb, method: 'POST', path, name: keyText(key), idempotent: false, body };
    const request = this.#request(resource, call, options);
    return parseJson(request.subject, await this.#transport.send(request));
  }

  /** What the server answers to a path as it is: `/readyz`, `/version`, the log of a pod. */
  async getText(path: string, options: CallOptions = {}): Promise<string> {
    const { signal, timeoutMs = defaultTimeoutMs, retry = true } = options;
    const subject = { verb: 'get', resource: path.split('?', 1)[0] ?? path, name: '' };
    return await this.#transport.send({
      subject,
      method: 'GET',
      path,
      accept: '*/*',
      idempotent: true,
      signal,
      timeoutMs,
      retry,
    });
  }

  /** Lets requests that run finish, cuts watches, closes the connections. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #post<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions): Call {
    const { namespace, name, generateName } = object.metadata ?? {};
    const path = withQuery(collectionPath(resource, namespace), writeQuery(options));
    const text = keyText({ name: name ?? `${generateName ?? ''}*`, ...(namespace ? { namespace } : {}) });
    const body = { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
    return { verb: 'create', method: 'POST', path, name: text, idempotent: false, body };
  }

  async #apply<T extends KubeObject>(
    resource: Resource<T>,
    object: Applied<T>,
    options: ApplyOptions,
    subresource: 'status' | undefined,
  ): Promise<Stored<T>> {
    const key = keyOf(object);
    const query = { ...writeQuery(options), force: options.force };
    const call: Call = {
      verb: subresource ? 'apply status of' : 'apply',
      method: 'PATCH',
      path: withQuery(objectPath(resource, key, subresource), query),
      name: keyText(key),
      idempotent: true,
      body: { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind },
      contentType: patchTypes.apply,
    };
    return await this.#stored(resource, call, options);
  }

  async #replace<T extends KubeObject>(
    resource: Resource<T>,
    object: Stored<T>,
    options: WriteOptions,
    subresource: 'status' | undefined,
  ): Promise<Stored<T>> {
    const key = keyOf(object);
    const call: Call = {
      verb: subresource ? 'update status of' : 'update',
      method: 'PUT',
      path: withQuery(objectPath(resource, key, subresource), writeQuery(options)),
      name: keyText(key),
      idempotent: true,
      body: object,
    };
    return await this.#stored(resource, call, options);
  }

  async #stored<T extends KubeObject>(resource: Resource<T>, call: Call, options: CallOptions): Promise<Stored<T>> {
    const request = this.#request(resource, call, options);
    const answer = parseJson(request.subject, await this.#transport.send(request));
    return asStored(request.subject, resource, apiVersionOf(resource), answer);
  }

  #request(resource: Resource<KubeObject>, call: Call, options: CallOptions): ApiRequest {
    const { verb, method, path, name, idempotent, body, contentType } = call;
    const { signal, timeoutMs = defaultTimeoutMs, retry = true } = options;
    return {
      subject: { verb, resource: resource.plural, name },
      method,
      path,
      idempotent,
      signal,
      timeoutMs,
      retry,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(contentType === undefined ? {} : { contentType }),
      ...(method === 'GET' || this.#fence === undefined ? {} : { fence: this.#fence }),
    };
  }
}
