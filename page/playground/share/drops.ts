import { begin, plan, run } from '../state.ts'
import { type DroppedFile, type LearnedFile, learnedIn } from './learned-file.ts'

/** Takes files that are dropped anywhere on the page. Returns what ends it. */
export function acceptDrops(element: HTMLElement): () => void {
  const over = (event: DragEvent) => event.preventDefault()
  const drop = async (event: DragEvent) => {
    event.preventDefault()
    // At once, because the browser forgets them after this turn.
    const dropped = Array.from(event.dataTransfer?.items ?? [], item => ({
      entry: item.webkitGetAsEntry(),
      file: item.getAsFile(),
    }))
    try {
      const found = dropped.map(({ entry, file }) =>
        entry ? filesIn(entry) : file ? [{ path: file.name, file }] : [],
      )
      const files = (await Promise.all(found)).flat()
      if (files.length > 0) await takeOver(await learnedIn(files, plan.value.world.id))
    } catch (error) {
      run.fault.value = `What was dropped cannot be used: ${(error as Error).message}`
    }
  }
  element.addEventListener('dragover', over)
  element.addEventListener('drop', drop)
  return () => {
    element.removeEventListener('dragover', over)
    element.removeEventListener('drop', drop)
  }
}

/** Begins with what another agent learned. */
async function takeOver({ world, agent, parameters }: LearnedFile): Promise<void> {
  const began = await begin({ world, agent: { seed: plan.value.agent.seed, ...agent } })
  if (began) await run.attempt(run.remote.load(parameters))
}

/** All files of a folder, or the one file. */
async function filesIn(entry: FileSystemEntry): Promise<DroppedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    )
    return [{ path: entry.fullPath, file }]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const inside: FileSystemEntry[] = []
  // At most a hundred are answered at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) break
    inside.push(...some)
  }
  const files = (await Promise.all(inside.map(filesIn))).flat()
  return files
}
