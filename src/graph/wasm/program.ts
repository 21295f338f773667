import { checkDefinition, type Program, type ProgramDefinition } from '../program.ts'
import { type StateMemory, swapCopies } from '../state.ts'
import { instantiateWasm, type WasmOptions } from './instance.ts'

/**
 * Compiles a program to one WebAssembly module. It runs synchronously, unless that is to happen in the background, and
 * gives the same bits on every machine.
 *
 * @throws Error where WebAssembly or its SIMD instructions are missing
 * @throws RangeError if the program takes more memory than there is
 */
export async function compileWasm<Inputs, Outputs, State>(
  definition: ProgramDefinition<Inputs, Outputs, State>,
  options?: WasmOptions,
): Promise<Program<Inputs, Outputs, State>>
export async function compileWasm(
  definition: ProgramDefinition,
  options: WasmOptions = {},
): Promise<Program> {
  checkDefinition(definition)
  const { state, run, ...instance } = await instantiateWasm(definition, options)
  let computed: StateMemory[] = []
  return {
    ...instance,
    state: name => state[name].copies[state[name].present],
    run(step) {
      const { updates, synchronous } = definition.steps[step]
      if (synchronous) return run(step)
      computed = []
      const note = () => {
        computed = Object.keys(updates).map(name => state[name])
      }
      const running = run(step)
      return running ? running.then(note) : note()
    },
    commit() {
      swapCopies(computed)
      computed = []
    },
  }
}
