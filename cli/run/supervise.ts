/** Why a process ended so that another start cannot cure it. */
export interface Fatal {
  readonly code: string;
  readonly message: string;
}

/** How a process ended. `fatal` is what it said of an error that another start cannot cure. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly fatal?: Fatal;
}

/** A process that runs. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  stop(): Promise<void>;
}

/** A process that ended too often, or for a reason that another start cannot cure. */
export class ProcessFailed extends Error {
  readonly code = 'ProcessFailed';
  readonly process: string;
  readonly fatal: Fatal | undefined;
  constructor(name: string, { code, signal, fatal }: Ended, logFile: string) {
    super(
      fatal?.message ??
        `${name} ended again and again (last with ${signal ?? `exit status ${code}`}); its log is ${logFile}`,
    );
    this.name = 'ProcessFailed';
    this.process = name;
    this.fatal = fatal;
  }
}

export interface Supervised {
  /** Process id of the one that runs now. */
  pid(): number;
  /** Rejects with `ProcessFailed` when there will be no other start; resolves when it was stopped or has done its work. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

export interface SuperviseOptions {
  readonly name: string;
  readonly logFile: string;
  /** Whether it ends with status 0 when its work is done; else it is to run until it is stopped. */
  readonly endsByItself: boolean;
  /** Starts it for the `start`th time, counted from 0; resolves when it runs. */
  readonly launch: (start: number) => Promise<Running>;
  /** Starts allowed in a row without `progress` growing in between. */
  readonly restartLimit: number;
  /** A number that grows while the run gets on. */
  readonly progress: () => number;
  readonly onRestart: (ended: Ended) => void;
}

/** Keeps one process running: a process that dies is replaced as long as the run gets on between its deaths. */
export async function supervise(options: SuperviseOptions): Promise<Supervised> {
  let running = await options.launch(0);
  let stopping: Promise<void> | undefined;

  async function keep(): Promise<void> {
    let seen = options.progress();
    let deaths = 0;
    for (let start = 1; ; start++) {
      const ended = await running.ended;
      if (stopping || (options.endsByItself && ended.code === 0)) return;
      deaths = options.progress() > seen ? 1 : deaths + 1;
      seen = options.progress();
      if (ended.fatal || deaths > options.restartLimit) throw new ProcessFailed(options.name, ended, options.logFile);
      options.onRestart(ended);
      running = await options.launch(start);
      if (stopping) await running.stop();
    }
  }

  const done = keep();
  done.catch(() => {});
  return {
    pid: () => running.pid,
    done,
    stop: () => {
      stopping ??= running.stop().then(() => done.catch(() => {}));
      return stopping;
    },
  };
}
