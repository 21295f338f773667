/**
 * A small WebAssembly assembler. The module's bytes and its text form are both lowered from one list of code, so
 * what the documentation shows is what runs.
 */
import {
  FunctionBuilder,
  type FunctionDefinition,
  type FunctionReference,
  type Local,
  type ValueType,
} from './function-builder.ts'
import { encode, join, opcodes, unsigned } from './opcodes.ts'
import { functionText, signatureText } from './text.ts'

const typeCodes: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b }

const vector = (items: readonly (readonly number[])[]): number[] => join([unsigned(items.length), ...items])

/** Names are ASCII here; loading a TextEncoder takes Node longer than everything else here. */
const name = (text: string): number[] => [
  ...unsigned(text.length),
  ...[...text].map(char => char.charCodeAt(0)),
]

interface Import {
  readonly module: string
  readonly field: string
  readonly reference: FunctionReference
}

/** The memory a module imports; sizes in pages of 64 KiB. A shared memory needs its maximum. */
export interface MemoryImport {
  readonly module: string
  readonly field: string
  readonly pages: number
  readonly maximumPages?: number
  readonly shared?: boolean
}

const signatureBytes = ({ parameters, results }: FunctionReference): number[] => [
  0x60,
  ...vector(parameters.map(type => [typeCodes[type]])),
  ...vector(results.map(type => [typeCodes[type]])),
]

const section = (id: number, content: readonly number[]): number[] =>
  join([[id], unsigned(content.length), content])

/** Collects imports and functions, and lowers them to a binary module or to text. */
export class ModuleBuilder {
  readonly #imports: Import[] = []
  readonly #functions: FunctionDefinition[] = []
  #memory: MemoryImport | undefined

  importMemory(memory: MemoryImport): void {
    this.#memory = memory
  }

  /** Imported functions come first in the index space, so all of them must be declared before the first own one. */
  importFunction<Parameters extends Readonly<Record<string, ValueType>>>(
    module: string,
    field: string,
    parameters: Parameters,
    results: readonly ValueType[] = [],
  ): FunctionReference<keyof Parameters & string> {
    if (this.#functions.length > 0) throw new Error('Imports must be declared before the first function')
    const reference = {
      index: this.#imports.length,
      name: `${module}.${field}`,
      parameterNames: Object.keys(parameters) as (keyof Parameters & string)[],
      parameters: Object.values(parameters),
      results,
    }
    this.#imports.push({ module, field, reference })
    return reference
  }

  /** Defines a function; `build` receives its builder and its parameters, by name, as locals. */
  function<Parameters extends Readonly<Record<string, ValueType>>>(
    name: string,
    parameters: Parameters,
    results: readonly ValueType[],
    build: (f: FunctionBuilder, parameters: { [Name in keyof Parameters]: Local }) => void,
    exported = false,
  ): FunctionReference<keyof Parameters & string> {
    const builder = new FunctionBuilder(parameters)
    const locals = Object.fromEntries(builder.locals.map(local => [local.name, local]))
    const definition: FunctionDefinition<keyof Parameters & string> = {
      index: this.#imports.length + this.#functions.length,
      name,
      parameterNames: Object.keys(parameters) as (keyof Parameters & string)[],
      parameters: Object.values(parameters),
      results,
      builder,
      exported,
    }
    this.#functions.push(definition)
    build(builder, locals as { [Name in keyof Parameters]: Local })
    return definition
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const signatures: number[][] = []
    const signatureIndices = new Map<string, number>()
    const signatureOf = (reference: FunctionReference): number => {
      const bytes = signatureBytes(reference)
      const known = signatureIndices.get(String(bytes))
      if (known !== undefined) return known
      signatureIndices.set(String(bytes), signatures.length)
      return signatures.push(bytes) - 1
    }
    const imports = this.#imports.map(({ module, field, reference }) => [
      ...name(module),
      ...name(field),
      0,
      ...unsigned(signatureOf(reference)),
    ])
    if (this.#memory) {
      const { module, field, pages, maximumPages, shared } = this.#memory
      const limits =
        maximumPages === undefined
          ? [0, ...unsigned(pages)]
          : [shared ? 3 : 1, ...unsigned(pages), ...unsigned(maximumPages)]
      imports.push([...name(module), ...name(field), 2, ...limits])
    }
    const declarations = this.#functions.map(definition => unsigned(signatureOf(definition)))
    const exports = this.#functions
      .filter(definition => definition.exported)
      .map(definition => [...name(definition.name), 0, ...unsigned(definition.index)])
    const bodies = this.#functions.map(({ builder, parameters }) => {
      const groups: { type: ValueType; count: number }[] = []
      for (const { type } of builder.locals.slice(parameters.length)) {
        const last = groups.at(-1)
        if (last?.type === type) last.count++
        else groups.push({ type, count: 1 })
      }
      const body = vector(groups.map(({ type, count }) => [...unsigned(count), typeCodes[type]]))
      for (const instruction of builder.code) encode(body, instruction)
      body.push(opcodes.end)
      return join([unsigned(body.length), body])
    })
    const functionNames = vector(
      [...this.#imports.map(({ reference }) => reference), ...this.#functions].map(reference => [
        ...unsigned(reference.index),
        ...name(reference.name),
      ]),
    )
    return new Uint8Array(
      join([
        [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
        section(1, vector(signatures)),
        section(2, vector(imports)),
        section(3, vector(declarations)),
        section(7, vector(exports)),
        section(10, vector(bodies)),
        // Function names, which profilers and stack traces show.
        section(0, [...name('name'), ...section(1, functionNames)]),
      ]),
    )
  }

  /** The module in WebAssembly text format, one instruction a line. */
  text(): string {
    const lines = ['(module']
    for (const { module, field, reference } of this.#imports) {
      lines.push(`  (import "${module}" "${field}" (func $${reference.name}${signatureText(reference)}))`)
    }
    if (this.#memory) {
      const { module, field, pages, maximumPages, shared } = this.#memory
      const limits = [pages, maximumPages, shared && 'shared'].filter(Boolean).join(' ')
      lines.push(`  (import "${module}" "${field}" (memory ${limits}))`)
    }
    const functionNames = [...this.#imports.map(({ reference }) => reference.name)]
    for (const definition of this.#functions) functionNames.push(definition.name)
    for (const definition of this.#functions) lines.push(...functionText(definition, functionNames))
    return [...lines, ')', ''].join('\n')
  }
}
