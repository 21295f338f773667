import pc from 'picocolors'

/** Colours for what is written to a stream: none into a pipe, wherever that leads, which picocolors alone would not keep. */
export const coloursFor = (stream: { isTTY?: boolean }) =>
  pc.createColors(pc.isColorSupported && Boolean(stream.isTTY))
