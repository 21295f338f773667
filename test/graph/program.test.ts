import { expect, expectTypeOf, test } from 'vitest'
import { add, input, scale } from '../../src/graph/operations.ts'
import { copyArrays, type Program, type ProgramDefinition, writeArrays } from '../../src/graph/program.ts'
import type { Tensor } from '../../src/graph/tensor.ts'
import { compileWasm } from '../../src/graph/wasm/program.ts'
import type { Learner } from '../../src/sac/learner.ts'

interface Inputs {
  force: Tensor
  /** Present with some options alone. */
  wind?: Tensor
}
interface Outputs {
  speed: Tensor
}
interface State {
  velocity: Tensor
}

/** velocity <- velocity + force, which is reported as the speed. */
function definition(): ProgramDefinition<Inputs, Outputs, State> {
  const [force, velocity] = [input('force', [1, 2]), input('velocity', [1, 2])]
  const speed = add(velocity, force)
  const steps = { push: { updates: { velocity: speed }, outputs: { speed: scale(speed, 1) } } }
  return { inputs: { force }, state: { velocity }, steps }
}

test('names of inputs, outputs and state are told apart when code is compiled', async () => {
  const program = await compileWasm(definition())
  program.inputs.force.set([1, 2])
  await program.run('push')
  expect([...program.outputs.speed]).toEqual([1, 2])
  program.commit()
  expect([...program.state('velocity')]).toEqual([1, 2])

  expectTypeOf(program).toEqualTypeOf<Program<Inputs, Outputs, State>>()
  expectTypeOf<keyof typeof program.inputs>().toEqualTypeOf<'force' | 'wind'>()
  expectTypeOf<keyof typeof program.outputs>().toEqualTypeOf<'speed'>()
  expectTypeOf<Parameters<typeof program.state>[0]>().toEqualTypeOf<'velocity'>()
  // At run time none of these is there either.
  // @ts-expect-error an output is no input
  expect(program.inputs.speed).toBeUndefined()
  // @ts-expect-error an input is no output
  expect(program.outputs.force).toBeUndefined()
  // @ts-expect-error state is no input
  expect(program.inputs.velocity).toBeUndefined()
  // @ts-expect-error a name of nothing
  expect(program.inputs.farce).toBeUndefined()
  // @ts-expect-error a name of nothing
  expect(program.outputs.sped).toBeUndefined()
  // @ts-expect-error an output is no state
  expect(() => program.state('speed')).toThrow()
  // @ts-expect-error an input that may be missing is not used as if it were there
  expect(() => program.inputs.wind.set([1])).toThrow(TypeError)
  // @ts-expect-error arrays of outputs are not written to inputs
  expect(() => writeArrays(program.inputs, program.outputs)).toThrow(TypeError)
  expectTypeOf(copyArrays(program.inputs)).toEqualTypeOf<typeof program.inputs>()
  await program.dispose()
})

test('a definition names what it reports and updates as its types do', () => {
  const { inputs, state } = definition()
  const { force } = inputs
  const { velocity } = state
  type Definition = ProgramDefinition<Inputs, Outputs, State>
  // @ts-expect-error a step reports what is no output
  const reports: Definition = { inputs, state, steps: { push: { updates: {}, outputs: { force } } } }
  // @ts-expect-error a step updates what is no state
  const updates: Definition = { inputs, state, steps: { push: { updates: { force }, outputs: {} } } }
  // @ts-expect-error an input is missing
  const misses: Definition = { inputs: {}, state, steps: {} }
  // @ts-expect-error a name of nothing among the inputs
  const invents: Definition = { inputs: { force, velocity }, state, steps: {} }
  expect([reports, updates, misses, invents]).toHaveLength(4)
})

test("so are those of an agent's update", () => {
  type Update = Learner['program']
  type Has<Named, Name extends string> = Name extends keyof Named ? true : false
  expectTypeOf<Has<Update['inputs'], 'reward'>>().toEqualTypeOf<true>()
  expectTypeOf<Has<Update['inputs'], 'criticLoss'>>().toEqualTypeOf<false>()
  expectTypeOf<Has<Update['outputs'], 'criticLoss'>>().toEqualTypeOf<true>()
  expectTypeOf<Has<Update['outputs'], 'reward'>>().toEqualTypeOf<false>()
  expectTypeOf<Extract<Parameters<Update['state']>[0], 'reward' | 'criticLoss'>>().toBeNever()
})
