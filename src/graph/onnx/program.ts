import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common'
import { mapRecord } from '../../map-record.ts'
import { checkDefinition, type Program, type ProgramDefinition, type StepDefinition } from '../program.ts'
import { type Shape, sizeOf, type Tensor } from '../tensor.ts'
import { lowerToOnnx } from './lower.ts'
import { loadRuntime, type Runtime } from './runtime.ts'

export interface OnnxOptions {
  /** Threads for large operations; one is fastest for small networks. */
  threads?: number
  /** Which ONNX Runtime; by default the one for this platform. */
  runtime?: Runtime
}

/** A state tensor's memory, twice: a step reads the present copy and writes the other. */
interface StateMemory {
  copies: readonly [Float32Array, Float32Array]
  present: 0 | 1
}

/** One input or output of a model: ONNX Runtime's views of the program's own memory. */
interface Binding {
  name: string
  /** One for each copy of a state tensor, or just one. */
  tensors: readonly OrtTensor[]
  state?: StateMemory
}

interface CompiledStep {
  session: InferenceSession
  feeds: Binding[]
  fetches: Binding[]
  updated: StateMemory[]
}

/**
 * Compiles a program for ONNX Runtime: one model a step. `commit` swaps the copies of the state that the step wrote,
 * so that no parameter is ever copied.
 */
export async function compileOnnx(
  definition: ProgramDefinition,
  { threads = 1, runtime }: OnnxOptions = {},
): Promise<Program> {
  checkDefinition(definition)
  const { ort, name: runtimeName, notice } = runtime ?? (await loadRuntime())
  const native = runtimeName === 'onnxruntime-node'
  if (!native) ort.env.wasm.numThreads = threads

  const array = ({ shape }: Tensor) => new Float32Array(sizeOf(shape))
  const inputs = mapRecord(definition.inputs, array)
  const outputs: Record<string, Float32Array> = {}
  const state = mapRecord(definition.state, (tensor): StateMemory => {
    return { copies: [array(tensor), array(tensor)], present: 0 }
  })

  const view = (memory: Float32Array, shape: Shape, offset = 0): OrtTensor =>
    new ort.Tensor('float32', memory.subarray(offset, offset + sizeOf(shape)), shape)
  const bind = (name: string, source: string, shape: Shape, offset = 0): Binding =>
    state[source]
      ? { name, tensors: state[source].copies.map(copy => view(copy, shape, offset)), state: state[source] }
      : { name, tensors: [view(inputs[source], shape, offset)] }

  async function compileStep(
    step: string,
    { updates, outputs: reported }: StepDefinition,
  ): Promise<CompiledStep> {
    const next = Object.fromEntries(Object.entries(updates).map(([name, tensor]) => [`next ${name}`, tensor]))
    const lowered = lowerToOnnx(step, { ...reported, ...next })
    const session = await ort.InferenceSession.create(lowered.model, {
      executionProviders: [native ? 'cpu' : 'wasm'],
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Adam's second moments fade into denormal numbers, which processors handle some hundred times slower.
      extra: { session: { set_denormal_as_zero: '1' } },
    })
    for (const [name, tensor] of Object.entries(reported)) outputs[name] ??= array(tensor)
    return {
      session,
      feeds: lowered.inputs.map(({ name, source, shape, offset }) => bind(name, source, shape, offset)),
      fetches: [
        ...Object.entries(updates).map(([name, { shape }]) => bind(`next ${name}`, name, shape)),
        ...Object.entries(reported).map(([name, { shape }]) => ({
          name,
          tensors: [view(outputs[name], shape)],
        })),
      ],
      updated: Object.keys(updates).map(name => state[name]),
    }
  }
  const steps: Record<string, CompiledStep> = {}
  for (const [step, stepDefinition] of Object.entries(definition.steps)) {
    steps[step] = await compileStep(step, stepDefinition)
  }

  let computed: StateMemory[] = []
  return {
    notice,
    engine: `${runtimeName}, ${threads} thread${threads > 1 ? 's' : ''}`,
    inputs,
    outputs,
    state: name => state[name].copies[state[name].present],
    async run(step) {
      const { session, feeds, fetches, updated } = steps[step]
      computed = []
      const feed: Record<string, OrtTensor> = {}
      for (const { name, tensors, state } of feeds) feed[name] = tensors[state ? state.present : 0]
      const fetch: Record<string, OrtTensor> = {}
      for (const { name, tensors, state } of fetches) fetch[name] = tensors[state ? 1 - state.present : 0]
      if (native) {
        await session.run(feed, fetch)
      } else {
        // onnxruntime-web leaves tensors that it is given as they were: let it make its own, and copy.
        const results = await session.run(feed, Object.keys(fetch))
        for (const [name, target] of Object.entries(fetch)) {
          ;(target.data as Float32Array).set(results[name].data as Float32Array)
        }
      }
      computed = updated
    },
    commit() {
      for (const memory of computed) memory.present = memory.present === 0 ? 1 : 0
      computed = []
    },
    async dispose() {
      await Promise.all(Object.values(steps).map(({ session }) => session.release()))
    },
  }
}
