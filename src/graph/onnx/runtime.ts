/** The one place where ONNX Runtime is reached. package.json's `imports` picks the package for the platform. */
import type * as Ort from 'onnxruntime-common'

export type OrtModule = typeof Ort

export interface Runtime {
  ort: OrtModule
  /** The package in use. */
  name: 'onnxruntime-node' | 'onnxruntime-web'
  /** A notice to show the user once; undefined if there is no problem. */
  notice?: string
}

const inNode = typeof process !== 'undefined' && process.versions?.node !== undefined

let loadingNative: Promise<OrtModule> | undefined
let loading: Promise<Runtime> | undefined

/** The package for this platform: in Node the native one, which may not be installed. */
function loadNative(): Promise<OrtModule> {
  loadingNative ??= import('#onnxruntime').then(asModule)
  return loadingNative
}

/** Whether the native ONNX Runtime is there. */
export async function hasNativeRuntime(): Promise<boolean> {
  if (!inNode) return false
  return loadNative().then(
    () => true,
    () => false,
  )
}

/** Loads ONNX Runtime once: the native one in Node, otherwise (or where that is missing) the WebAssembly one. */
export function loadRuntime(): Promise<Runtime> {
  loading ??= load()
  return loading
}

async function load(): Promise<Runtime> {
  try {
    return { ort: await loadNative(), name: inNode ? 'onnxruntime-node' : 'onnxruntime-web' }
  } catch (error) {
    if (!inNode) throw error
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    return {
      ort: asModule(await import('onnxruntime-web/wasm')),
      name: 'onnxruntime-web',
      notice: `onnxruntime-node is not available (${reason}); using onnxruntime-web, about 4 times slower. To fix it: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node`,
    }
  }
}

/** onnxruntime-node is CommonJS, of which some loaders put everything under `default`. */
function asModule(loaded: object): OrtModule {
  return ('InferenceSession' in loaded ? loaded : (loaded as { default: object }).default) as OrtModule
}
