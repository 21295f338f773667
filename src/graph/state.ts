/** Persistent tensors of a compiled program, each twice: a step reads one copy and writes the other. */
export interface StateMemory {
  readonly copies: readonly [Float32Array, Float32Array]
  /** Which of them holds the present values. */
  present: 0 | 1
}

/** Makes what was computed the present state: the copies change places, and no value is copied. */
export function swapCopies(memories: readonly StateMemory[]): void {
  for (const memory of memories) memory.present = memory.present === 0 ? 1 : 0
}
