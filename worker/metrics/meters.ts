import { toolVersion } from '../../api/version.ts';
import { observeProcess } from '../../meters/process.ts';
import { contentType, prometheusText } from '../../meters/prometheus.ts';
import { Registry } from '../../meters/registry.ts';

/** The metrics of a worker's process. */
export interface Meters {
  readonly registry: Registry;
  /** What stands for a connection that came back, to be given to it. */
  reconnected(connection: 'control' | 'data'): () => void;
  /** Makes `/metrics` what is known now; to be called between visits, since it takes a fraction of a millisecond. */
  publish(): void;
}

/** `show` takes the page for whoever scrapes this process. */
export function openMeters(
  name: string,
  show: (page: { readonly contentType: string; readonly text: string }) => void,
): Meters {
  const registry = new Registry({
    'service.name': `splitlab-${name}`,
    'service.namespace': 'splitlab',
    'service.version': toolVersion,
  });
  observeProcess(registry);
  return {
    registry,
    reconnected(connection) {
      const labels = { 'splitlab.nats.connection': connection };
      registry.add('splitlab.nats.reconnects', labels, 0);
      return () => registry.add('splitlab.nats.reconnects', labels);
    },
    publish: () => show({ contentType, text: prometheusText(registry.snapshot()) }),
  };
}
