import type { NamedTensors } from './safetensors.ts'

/**
 * The SHA-256 of the values of all tensors in their order, in hexadecimal: the same weights have the same on every
 * machine. Runs in Node and in pages from `https:` or this machine, which alone have `crypto.subtle`.
 */
export async function digestOf(tensors: NamedTensors): Promise<string> {
  const parts = Object.values(tensors).map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  )
  const bytes = await new Blob(parts as BlobPart[]).arrayBuffer()
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}
