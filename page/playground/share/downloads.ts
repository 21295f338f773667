import { plan, run } from '../state.ts'

/** Gives a file to the visitor. */
export function save(name: string, content: BlobPart, type = 'application/octet-stream'): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([content], { type }))
  link.download = name
  link.click()
  // The download has its own hold on the content by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

const fileName = (ending: string) => `${plan.value.world.id}.${ending}`

/** The kinds of file that what was learned can be taken away in. */
export const downloads = [
  {
    name: 'safetensors',
    label: 'Weights (.safetensors)',
    make: async () => save('parameters.safetensors', (await run.remote.safetensors()) as BlobPart),
  },
  {
    name: 'onnx',
    label: 'ONNX',
    make: async () => save(fileName('onnx'), (await run.remote.onnx()) as BlobPart),
  },
  {
    name: 'module',
    label: 'JavaScript module',
    make: async () => save(fileName('js'), await run.remote.module(), 'text/javascript'),
  },
]
