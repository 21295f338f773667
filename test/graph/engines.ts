import type { Program, ProgramDefinition } from '../../src/graph/program.ts'
import { ancestors, type Tensor } from '../../src/graph/tensor.ts'
import { loadNativeProduct } from '../../src/graph/wasm/native-product.ts'
import { compileWasm } from '../../src/graph/wasm/program.ts'

const { product } = loadNativeProduct()

/** Every way to compute a graph's products; tests of graphs run on each. */
export const engines: Record<
  string,
  <I, O, S>(definition: ProgramDefinition<I, O, S>) => Promise<Program<I, O, S>>
> = {
  wasm: definition => compileWasm(definition),
  // For each platform a package of its own.
  ...(product && { native: definition => compileWasm(definition, { product }) }),
}

/** Runs a graph once on one engine. */
export async function runOn(
  engine: string,
  outputs: Record<string, Tensor>,
  values: Record<string, ArrayLike<number>>,
): Promise<Record<string, Float32Array>> {
  const inputs = Object.fromEntries(
    ancestors(Object.values(outputs))
      .filter(t => t.operation === 'input')
      .map(t => [t.attributes.name!, t]),
  )
  const program = await engines[engine]({ inputs, state: {}, steps: { once: { updates: {}, outputs } } })
  for (const name of Object.keys(inputs)) program.inputs[name].set(values[name])
  await program.run('once')
  const results = Object.fromEntries(Object.keys(outputs).map(name => [name, program.outputs[name].slice()]))
  await program.dispose()
  return results
}
