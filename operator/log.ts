import { type DestinationStream, pino } from 'pino';

/** The operator's log in JSON lines. Of an error it writes message, code and stack, under `err` and under `error`. */
export function operatorLog(destination?: DestinationStream): pino.Logger {
  const options = { name: 'splitlab-operator', serializers: { error: pino.stdSerializers.err } };
  return destination ? pino(options, destination) : pino(options);
}
