/// <reference types="vite/client" />
/** MuJoCo in the playground's Worker: it arrives piece by piece, so that the page can show how much is there. */
import wasm from '@mujoco/mujoco/mujoco.wasm?url'
import { provideMujoco } from '../../../src/envs/mujoco/bindings.ts'

/** Bytes of the WebAssembly module, as it is and as hosts compress it: `page/vite.config.ts` measures them. */
declare const MUJOCO_BYTES: { plain: number; gzip: number }

export function loadMujocoWith(progress: (loaded: number, total: number) => void): void {
  provideMujoco(async () => {
    const [{ default: create }, wasmBinary] = await Promise.all([
      import('@mujoco/mujoco'),
      fetchWhole(wasm, progress),
    ])
    return { default: options => create({ ...options, wasmBinary }) }
  })
}

/** The bytes at an address. Hosts that compress say how many travel, not how many arrive, so that the total is known here. */
async function fetchWhole(address: string, progress: (loaded: number, total: number) => void) {
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(`${address} answers ${answer.status} ${answer.statusText}`)
  const bytes = new Uint8Array(MUJOCO_BYTES.plain)
  const reader = answer.body!.getReader()
  let loaded = 0
  let said = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    bytes.set(value, loaded)
    loaded += value.length
    if (loaded - said < 200_000 && loaded < bytes.length) continue
    said = loaded
    progress(loaded, bytes.length)
  }
  if (loaded !== bytes.length) throw new Error(`${address} has ${loaded} bytes in place of ${bytes.length}`)
  return bytes
}
