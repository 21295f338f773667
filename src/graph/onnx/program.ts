import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common'
import { mapRecord } from '../../map-record.ts'
import { checkDefinition, type Program, type ProgramDefinition } from '../program.ts'
import { type StateMemory, swapCopies } from '../state.ts'
import { sizeOf } from '../tensor.ts'
import { instantiateWasm } from '../wasm/instance.ts'
import { lowerToOnnx, type ModelView } from './lower.ts'
import { loadRuntime, type OrtModule, type Runtime } from './runtime.ts'
import { cutIntoStages, nextName, reportedName, type Stage } from './stages.ts'

type Tensors = Record<string, OrtTensor>

export interface OnnxProgramOptions {
  /** Threads for large operations; one is fastest for small networks. */
  threads?: number
  /** Which ONNX Runtime; by default the one for this platform. */
  runtime?: Runtime
}

/**
 * Compiles a program for ONNX Runtime, with the loops over long vectors in WebAssembly (see `cutIntoStages`).
 * All memory is WebAssembly's; no parameter is ever copied.
 */
export async function compileOnnx<Inputs, Outputs, State>(
  definition: ProgramDefinition<Inputs, Outputs, State>,
  options?: OnnxProgramOptions,
): Promise<Program<Inputs, Outputs, State>>
export async function compileOnnx(
  definition: ProgramDefinition,
  { threads = 1, runtime }: OnnxProgramOptions = {},
): Promise<Program> {
  checkDefinition(definition)
  const { ort, name: runtimeName, notice } = runtime ?? (await loadRuntime())
  const native = runtimeName === 'onnxruntime-node'
  if (!native) ort.env.wasm.numThreads = threads

  const cuts = mapRecord(definition.steps, (step, name) => cutIntoStages(name, step))
  const stages = Object.values(cuts).flatMap(cut => cut.stages)
  const loops = await instantiateWasm({
    inputs: Object.assign({ ...definition.inputs }, ...Object.values(cuts).map(cut => cut.handed)),
    state: definition.state,
    steps: Object.fromEntries(stages.filter(({ side }) => side === 'wasm').map(stage => [stage.name, stage])),
  })
  const { state } = loops
  const presents = Object.values(state)
  const arrays: Record<string, Float32Array> = { ...loops.outputs, ...loops.inputs }
  for (const { outputs } of stages) {
    for (const [name, { shape }] of Object.entries(outputs)) arrays[name] ??= new Float32Array(sizeOf(shape))
  }
  const reported = Object.assign({}, ...Object.values(definition.steps).map(step => step.outputs))

  const runs: Record<string, (() => void | Promise<void>)[]> = {}
  const sessions: InferenceSession[] = []
  for (const [step, { stages }] of Object.entries(cuts)) {
    runs[step] = []
    for (const stage of stages) {
      if (stage.side === 'wasm') runs[step].push(loopRun(stage))
      else {
        const { session, run } = await modelRun(stage)
        sessions.push(session)
        runs[step].push(run)
      }
    }
  }

  function loopRun({ name, outputs }: Stage): () => void {
    // What loops pass to later loops is written in one place and read in another.
    const again = Object.keys(outputs).filter(name => loops.inputs[name])
    return () => {
      loops.run(name)
      for (const name of again) loops.inputs[name].set(loops.outputs[name])
    }
  }

  async function modelRun({ name, updates, outputs }: Stage) {
    const next = Object.fromEntries(Object.entries(updates).map(([name, x]) => [nextName(name), x]))
    const lowered = lowerToOnnx(name, { ...outputs, ...next })
    const session = await ort.InferenceSession.create(lowered.model, {
      executionProviders: [native ? 'cpu' : 'wasm'],
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Adam's second moments fade into denormal numbers, which processors handle some hundred times slower.
      extra: { session: { set_denormal_as_zero: '1', force_spinning_stop: '1' } },
    })
    const feeds = lowered.inputs.map(view => bind(ort, view, state, arrays))
    const fetches = lowered.outputs.map(view => bind(ort, view, state, arrays))
    const tensorsOf = (views: typeof feeds) =>
      Object.fromEntries(views.map(({ name, tensor }) => [name, tensor()]))
    /** Keyed by which copies of the state are the present ones: a few cases that keep recurring. */
    const bound = new Map<string, { fed: Tensors; fetched: Tensors }>()
    const run = async () => {
      const key = presents.map(({ present }) => present).join('')
      if (!bound.has(key)) bound.set(key, { fed: tensorsOf(feeds), fetched: tensorsOf(fetches) })
      const { fed, fetched } = bound.get(key)!
      if (native) {
        await session.run(fed, fetched)
        return
      }
      // onnxruntime-web leaves tensors that it is given as they were: let it make its own, and copy.
      const results = await session.run(fed, Object.keys(fetched))
      for (const [name, target] of Object.entries(fetched)) {
        ;(target.data as Float32Array).set(results[name].data as Float32Array)
      }
    }
    return { session, run }
  }

  let computed: StateMemory[] = []
  return {
    notice,
    engine: `${runtimeName}, ${threads} thread${threads > 1 ? 's' : ''}`,
    inputs: mapRecord(definition.inputs, (_, name) => arrays[name]),
    outputs: mapRecord(reported, (_, name) => arrays[reportedName(name)]),
    state: name => state[name].copies[state[name].present],
    run(step) {
      const { updates, synchronous } = definition.steps[step]
      if (synchronous) {
        for (const run of runs[step]) run()
        return
      }
      computed = []
      return inTurn(runs[step]).then(() => {
        computed = Object.keys(updates).map(name => state[name])
      })
    },
    commit() {
      swapCopies(computed)
      computed = []
    },
    async dispose() {
      await Promise.all(sessions.map(session => session.release()))
      await loops.dispose()
    },
  }
}

async function inTurn(runs: readonly (() => void | Promise<void>)[]): Promise<void> {
  for (const run of runs) await run()
}

/** An input or output of a model: ONNX Runtime's view of the memory where it lies at the time. */
function bind(
  ort: OrtModule,
  { name, source, offset, shape }: ModelView,
  state: Record<string, StateMemory>,
  arrays: Record<string, Float32Array>,
): { name: string; tensor: () => OrtTensor } {
  const view = (memory: Float32Array) =>
    new ort.Tensor('float32', memory.subarray(offset, offset + sizeOf(shape)), shape)
  const next = Object.keys(state).find(name => nextName(name) === source)
  const memory = state[next ?? source]
  if (!memory) {
    const tensor = view(arrays[source])
    return { name, tensor: () => tensor }
  }
  const copies = memory.copies.map(view)
  return { name, tensor: () => copies[next ? 1 - memory.present : memory.present] }
}
