import { type VerifyRequest, verify } from './verify.ts';

// One model a message: what crashes ONNX Runtime ends this process and not the test.
process.on('message', (request: VerifyRequest) => {
  verify(request).then(
    (verdict) => process.send?.(verdict),
    (cause) => process.send?.({ kind: 'Refused', code: 'Unexpected', reason: String(cause?.stack ?? cause) }),
  );
});
process.on('disconnect', () => process.exit());
