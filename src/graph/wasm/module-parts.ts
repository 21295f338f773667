/** What the instances of a program's module share, in however many threads they are. */

/** What an instance of a program's module is made of; all of it can be sent to another thread. */
export interface ModuleParts {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** The module of the wide tiles. */
  readonly wide?: WebAssembly.Module
  /** Path of the native product. */
  readonly product?: string
}

/** What the module imports, as `THREAD` in `crew.ts` has it; `bind` is the native product's. */
export const importsOf = (
  { memory, wide }: ModuleParts,
  bind?: (memory: Uint8Array) => (block: number) => void,
): WebAssembly.Imports => ({
  env: { memory, ...(bind && { product: bind(new Uint8Array(memory.buffer)) }) },
  ...(wide && { wide: new WebAssembly.Instance(wide, { env: { memory } }).exports }),
})

/** Whether this platform lets threads share memory: Node does, a browser if its page is cross-origin isolated. */
export const canShareMemory = (): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && (globalThis.crossOriginIsolated ?? true)
