/**
 * From a step's graph to a list of kernels and a place in memory for everything they read and write.
 *
 * * Products keep a following ReLU or tanh, and the mask of a ReLU's derivative, inside (`graph.ts`).
 * * Slices and reshapes are other views of the same memory; what is concatenated is computed where it belongs
 *   (`settle.ts`).
 * * Everything element-wise, sums included, gathers in loops, each one pass over memory (`gather.ts`, `storage.ts`).
 * * Threads wait for each other only where data crosses from one to another (`epochs.ts`).
 * * Memory of intermediate values is used again once nothing needs them any more (`memory.ts`).
 */
import type { StepDefinition } from '../../program.ts'
import type { Tensor } from '../../tensor.ts'
import { forEachPlace, intoEpochs, type Layout, oneByOne, type Scheduled } from './epochs.ts'
import { gatherKernels } from './gather.ts'
import { analyse } from './graph.ts'
import { assignAddresses, type Buffer, type Place, type ProgramBuffers } from './memory.ts'
import { settle } from './settle.ts'
import { placeOf, placeStored, readBy } from './storage.ts'

export interface StepPlan {
  /** Kernels in their order; threads meet between one epoch and the next. */
  readonly epochs: readonly (readonly Scheduled[])[]
  /** Where a tensor's values are; undefined where they live only inside a loop. */
  placeOf(tensor: Tensor): Place | undefined
  /** Bytes of intermediate memory. */
  readonly temporaryBytes: number
}

export interface PlanOptions {
  /** Whether several threads run the step. */
  readonly shared: boolean
  /** Which activations products apply to their sums. */
  readonly activations: readonly ('relu' | 'tanh')[]
}

export function planStep(
  step: StepDefinition,
  fixed: ProgramBuffers,
  { shared, activations }: PlanOptions,
): StepPlan {
  const graph = analyse(step, fixed, activations)
  const settlement = settle(graph)
  const { places } = settlement
  const kernels = gatherKernels(graph, settlement)
  placeStored(graph, kernels, places)
  const layout: Layout = {
    placeOf: tensor => placeOf(tensor, places, fixed),
    readBy: kernel => readBy(graph, kernel),
  }
  const epochs = shared ? intoEpochs(kernels, layout) : oneByOne(kernels)
  return {
    epochs,
    placeOf: layout.placeOf,
    temporaryBytes: assignAddresses(lifetimes(epochs, layout)),
  }
}

/** The intermediate buffers that are in use, each with the epochs from the first to the last of its use. */
function lifetimes(epochs: StepPlan['epochs'], layout: Layout): Buffer[] {
  const temporaries = new Set<Buffer>()
  epochs.forEach((kernels, epoch) => {
    const touch = ({ buffer }: Place): void => {
      if (buffer.kind !== 'temporary') return
      temporaries.add(buffer)
      buffer.first = Math.min(buffer.first, epoch)
      buffer.last = Math.max(buffer.last, epoch)
    }
    for (const each of kernels) forEachPlace(each, layout, touch)
  })
  return [...temporaries]
}
