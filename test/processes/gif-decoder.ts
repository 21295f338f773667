/** Reads GIF files as the specification (GIF89a) says, for tests: nothing of the encoder is used. */

export interface GifFrame {
  /** How long it is shown, in s. */
  seconds: number
  /** Red, green, blue of each pixel as it is seen then, over what was there before. */
  pixels: Uint8Array
}

export interface DecodedGif {
  width: number
  height: number
  /** How often it is repeated; 0 is for ever. */
  loops: number | undefined
  frames: GifFrame[]
}

/** @throws Error if the file is not a complete GIF of whole pictures */
export function decodeGif(file: Uint8Array): DecodedGif {
  let at = 0
  const byte = () => {
    if (at >= file.length) throw new Error('the file ends too early')
    return file[at++]
  }
  const short = () => byte() | (byte() << 8)
  const text = (length: number) => String.fromCharCode(...Array.from({ length }, byte))
  const table = (packed: number) =>
    packed & 0x80 ? Array.from({ length: 2 << (packed & 7) }, () => [byte(), byte(), byte()]) : undefined
  const blocks = () => {
    const bytes: number[] = []
    for (let size = byte(); size > 0; size = byte()) for (let i = 0; i < size; i++) bytes.push(byte())
    return bytes
  }

  if (text(6) !== 'GIF89a') throw new Error('it does not begin with GIF89a')
  const width = short()
  const height = short()
  const packed = byte()
  at += 2
  const globalTable = table(packed)
  const canvas = new Uint8Array(3 * width * height)
  const frames: GifFrame[] = []
  let loops: number | undefined
  let control = { seconds: 0, transparent: -1 }
  for (;;) {
    const kind = byte()
    if (kind === 0x3b) break
    if (kind === 0x21) {
      const label = byte()
      const data = blocks()
      if (label === 0xf9) {
        if (((data[0] >> 2) & 7) > 1) throw new Error('frames are to stay where they are')
        control = { seconds: (data[1] | (data[2] << 8)) / 100, transparent: data[0] & 1 ? data[3] : -1 }
      }
      if (label === 0xff && String.fromCharCode(...data.slice(0, 11)) === 'NETSCAPE2.0') {
        loops = data[12] | (data[13] << 8)
      }
    } else if (kind === 0x2c) {
      const [left, top, w, h] = [short(), short(), short(), short()]
      if (left + top !== 0 || w !== width || h !== height) throw new Error('a frame is not a whole picture')
      const colors = table(byte()) ?? globalTable!
      const indices = decompress(byte(), blocks())
      if (indices.length !== width * height) throw new Error(`${indices.length} pixels in a frame`)
      for (const [i, index] of indices.entries()) {
        if (index !== control.transparent) canvas.set(colors[index], 3 * i)
      }
      frames.push({ seconds: control.seconds, pixels: canvas.slice() })
    } else throw new Error(`a block of kind ${kind}`)
  }
  if (at !== file.length) throw new Error('something comes after the end')
  return { width, height, loops, frames }
}

/** LZW with codes of growing length. */
function decompress(smallest: number, bytes: number[]): number[] {
  const clear = 1 << smallest
  const end = clear + 1
  let entries: number[][] = []
  let length = 0
  const restart = () => {
    entries = Array.from({ length: end + 1 }, (_, i) => [i])
    length = smallest + 1
  }
  restart()
  const out: number[] = []
  let previous: number[] | undefined
  let bits = 0
  let count = 0
  for (const byte of bytes) {
    bits |= byte << count
    count += 8
    while (count >= length) {
      const code = bits & ((1 << length) - 1)
      bits >>= length
      count -= length
      if (code === end) return out
      if (code === clear) {
        restart()
        previous = undefined
        continue
      }
      const entry = entries[code] ?? [...previous!, previous![0]]
      for (const index of entry) out.push(index)
      if (previous && entries.length < 4096) entries.push([...previous, entry[0]])
      if (entries.length === 1 << length && length < 12) length++
      previous = entry
    }
  }
  throw new Error('pixels end without a sign')
}
