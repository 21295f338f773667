import { ModuleBuilder } from '../../../src/graph/wasm/assembler/module-builder.ts'

/** A memory filled with NaN, to hand out in pieces: whatever reads what it should not, shows. */
export class Heap {
  readonly memory: WebAssembly.Memory
  readonly pages: number
  readonly floats: Float32Array
  readonly words: Int32Array
  #end = 64

  constructor(pages = 64) {
    this.pages = pages
    this.memory = new WebAssembly.Memory({ initial: pages })
    this.floats = new Float32Array(this.memory.buffer).fill(Number.NaN)
    this.words = new Int32Array(this.memory.buffer)
  }

  /** The address of so many floats, followed by 16 bytes that nothing else owns. */
  allocate(length: number, content?: ArrayLike<number>): number {
    const address = this.#end
    this.#end += Math.ceil((4 * length + 16) / 16) * 16
    if (this.#end > this.memory.buffer.byteLength) throw new Error('Test memory is too small')
    if (content) this.floats.set(content, address / 4)
    return address
  }

  view(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length)
  }

  /** A module builder that imports this memory. */
  builder(): ModuleBuilder {
    const module = new ModuleBuilder()
    module.importMemory({ module: 'env', field: 'memory', pages: this.pages })
    return module
  }

  instantiate(
    module: ModuleBuilder,
    imports: Readonly<Record<string, (...values: number[]) => void>> = {},
  ): Record<string, (...values: number[]) => number> {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), {
      env: { memory: this.memory, ...imports },
    })
    return instance.exports as Record<string, (...values: number[]) => number>
  }
}

/** A small generator of reproducible numbers. */
export function randomizer(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32
  }
}

const bits = new Int32Array(1)
const float = new Float32Array(bits.buffer)

/** Floats in order of size, as consecutive integers. */
const rank = (value: number): number => {
  float[0] = value
  return bits[0]! < 0 ? -(bits[0]! & 0x7fffffff) : bits[0]!
}

/** How many floats apart two floats are; NaN is next to NaN only. */
export function ulpDistance(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b))
    return Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY
  return Math.abs(rank(a) - rank(b))
}
