/**
 * ONNX Runtime, to be imported from here alone. Since 1.29 its Linux and macOS builds report every session to their
 * maker and keep the reports in a database in the user's cache folder, unless this variable is set before they are
 * loaded; see docs/decisions/0034-runtime-telemetry.md.
 */
import './quiet-runtime.ts';

export * from 'onnxruntime-node';
