/** Processor cores this program may use; 1 where the platform does not say. */
export function availableCores(): number {
  // Node has `navigator` only from version 21 on.
  if (typeof navigator !== 'undefined') return navigator.hardwareConcurrency
  return globalThis.process?.getBuiltinModule?.('node:os').availableParallelism() ?? 1
}
