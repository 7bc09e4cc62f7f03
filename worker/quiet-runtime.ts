// A module of its own, since modules run in the order of their imports. Threads get it from the process: setting it in a
// thread changes only the thread's copy of the environment, which ONNX Runtime does not see.
process.env.ORT_DISABLE_TELEMETRY = '1';
