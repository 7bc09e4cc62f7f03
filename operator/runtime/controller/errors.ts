/** One pass of a reconciler took too long. */
export class ReconcileTimeout extends Error {
  readonly code = 'ReconcileTimeout';
  readonly object: string;
  constructor(object: string, timeoutMs: number) {
    super(`reconciling ${object} was not done after ${timeoutMs} ms`);
    this.name = 'ReconcileTimeout';
    this.object = object;
  }
}

/** Reconcilers went on after their signal had aborted. */
export class ControllerStuck extends Error {
  readonly code = 'ControllerStuck';
  readonly objects: readonly string[];
  constructor(controller: string, objects: readonly string[]) {
    super(`controller ${controller} does not stop: still reconciling ${objects.join(', ')}; end the process`);
    this.name = 'ControllerStuck';
    this.objects = objects;
  }
}
