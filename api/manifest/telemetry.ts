import { z } from 'zod';
import { configMapKeyRefSchema, secretRefSchema } from './references.ts';
import { integer, text } from './values.ts';

/** Where traces and metrics are sent. */
export const telemetrySchema = z
  .strictObject({
    endpoint: text(
      2048,
      /^https?:\/\/([^\s/?#@:[\]]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(\/[^\s?#]*)?$/,
      'the address of an OTLP receiver such as http://jaeger:4318, without user and query',
    ).describe('Address of an OTLP receiver, such as http://jaeger:4318.'),
    protocol: z.enum(['HttpProtobuf', 'Grpc']).default('HttpProtobuf').describe('How OTLP is spoken.'),
    headersSecretRef: secretRefSchema
      .optional()
      .describe('A Secret whose keys and values are sent as headers, for receivers that ask for a token.'),
    caConfigMapRef: configMapKeyRefSchema
      .optional()
      .describe('A certificate authority (PEM) that the receiver is checked against.'),
    samplePercent: integer(0, 100).default(100).describe('Share of inferences whose trace is sent, in percent.'),
  })
  .describe('Where traces are sent.');

export type Telemetry = z.output<typeof telemetrySchema>;
