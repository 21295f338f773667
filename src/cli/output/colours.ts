import pc from 'picocolors'

/** Colours for text written to a stream: none if it is no terminal, which picocolors alone does not check for each stream. */
export const coloursFor = (stream: { isTTY?: boolean }) =>
  pc.createColors(pc.isColorSupported && Boolean(stream.isTTY))
