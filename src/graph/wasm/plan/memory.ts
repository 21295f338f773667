/** Stretches of memory, and a plan in which those that are not needed at the same time may overlap. */

/** A stretch of memory: fixed, one copy of a state tensor, or intermediate (an address is found for it later). */
export interface Buffer {
  kind: 'fixed' | 'present' | 'next' | 'temporary'
  /** Length in floats. */
  size: number
  /** Name of the state tensor, if this is one of its two copies. */
  state?: string
  /** Byte address; missing for state. */
  address: number
  /** Epochs between which a temporary buffer is in use. */
  first: number
  last: number
}

/** Where a matrix lies: rows of consecutive floats, `stride` floats apart. */
export interface Place {
  buffer: Buffer
  /** First element, in floats. */
  offset: number
  stride: number
}

/** Fixed memory of a program, made once for all its steps. */
export interface ProgramBuffers {
  inputs: Record<string, Buffer>
  outputs: Record<string, Buffer>
  present: Record<string, Buffer>
  next: Record<string, Buffer>
}

/** The start of a buffer, as rows that follow one another `stride` floats apart. */
export const placeAt = (buffer: Buffer, stride: number): Place => ({ buffer, offset: 0, stride })

/** Memory for an intermediate value; when it is in use is found later. */
export const temporary = (size: number): Buffer => ({
  kind: 'temporary',
  size,
  address: 0,
  first: Infinity,
  last: -1,
})

/** Gives buffers addresses, relative to the first, such that none in use at the same time overlap; returns the end. */
export function assignAddresses(buffers: Buffer[]): number {
  let end = 0
  const assigned: Buffer[] = []
  // Large ones first: small ones fit into the gaps they leave.
  for (const buffer of buffers.sort((a, b) => b.size - a.size || a.first - b.first)) {
    const others = assigned
      .filter(other => other.first <= buffer.last && buffer.first <= other.last)
      .sort((a, b) => a.address - b.address)
    let address = 0
    for (const other of others) {
      if (address + bytesOf(buffer) <= other.address) break
      address = Math.max(address, other.address + bytesOf(other))
    }
    buffer.address = address
    end = Math.max(end, address + bytesOf(buffer))
    assigned.push(buffer)
  }
  return end
}

/** Bytes a buffer takes: whole vectors, and one more, because kernels may read up to 12 bytes past an end. */
export const bytesOf = ({ size }: { size: number }): number => 16 * (Math.ceil(size / 4) + 1)
