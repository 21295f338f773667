import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common'
import { checkDefinition, type Program, type ProgramDefinition } from '../program.ts'
import { sizeOf, type Tensor } from '../tensor.ts'
import { lowerToOnnx } from './lower.ts'
import { loadRuntime } from './runtime.ts'

export interface OnnxOptions {
  /** Threads for large operations; one is fastest for small networks. */
  threads?: number
}

const NEXT = 'next_'

/**
 * Compiles a program for ONNX Runtime: one model a step. State exists twice; a step reads one copy and writes the
 * other, and `commit` swaps them, so nothing is copied.
 */
export async function compileOnnx(
  definition: ProgramDefinition,
  { threads = 1 }: OnnxOptions = {},
): Promise<Program> {
  checkDefinition(definition)
  const { ort, name: runtimeName } = await loadRuntime()
  if (runtimeName === 'onnxruntime-web') ort.env.wasm.numThreads = threads

  const array = (tensor: Tensor) => new Float32Array(sizeOf(tensor.shape))
  const ortTensor = (tensor: Tensor): OrtTensor => new ort.Tensor('float32', array(tensor), tensor.shape)
  const data = (tensor: OrtTensor) => tensor.data as Float32Array
  const mapRecord = <A, B>(record: Record<string, A>, f: (value: A) => B): Record<string, B> =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))

  const inputs = mapRecord(definition.inputs, ortTensor)
  const present = mapRecord(definition.state, ortTensor)
  const next = mapRecord(definition.state, ortTensor)
  const outputs: Record<string, OrtTensor> = {}
  const sessions: Record<string, InferenceSession> = {}
  for (const [step, { updates, outputs: stepOutputs }] of Object.entries(definition.steps)) {
    const nextState = Object.fromEntries(
      Object.entries(updates).map(([name, tensor]) => [NEXT + name, tensor]),
    )
    sessions[step] = await ort.InferenceSession.create(lowerToOnnx(step, { ...stepOutputs, ...nextState }), {
      executionProviders: [runtimeName === 'onnxruntime-node' ? 'cpu' : 'wasm'],
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Adam's second moments fade into denormal numbers, which processors handle some hundred times slower.
      extra: { session: { set_denormal_as_zero: '1' } },
    })
    for (const [name, tensor] of Object.entries(stepOutputs)) outputs[name] ??= ortTensor(tensor)
  }

  let computed: string[] = []
  return {
    engine: `${runtimeName}, ${threads} thread${threads > 1 ? 's' : ''}`,
    inputs: mapRecord(inputs, data),
    outputs: mapRecord(outputs, data),
    state: name => data(present[name]),
    async run(step) {
      const session = sessions[step]
      const feeds: Record<string, OrtTensor> = {}
      for (const name of session.inputNames) feeds[name] = inputs[name] ?? present[name]
      const fetches: Record<string, OrtTensor> = {}
      for (const name of session.outputNames) {
        fetches[name] = outputs[name] ?? next[name.slice(NEXT.length)]
      }
      computed = []
      await session.run(feeds, fetches)
      computed = Object.keys(definition.steps[step].updates)
    },
    commit() {
      for (const name of computed) {
        const previous = present[name]
        present[name] = next[name]
        next[name] = previous
      }
      computed = []
    },
    async dispose() {
      await Promise.all(Object.values(sessions).map(session => session.release()))
    },
  }
}
