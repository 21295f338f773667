import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Gymnasium cannot be used as asked, or its process failed. */
export class GymnasiumError extends Error {
  override name = 'GymnasiumError'
}

/** Python, running `host.py`. */
export interface PythonProcess {
  write(bytes: Uint8Array): void
  /** Whether an answer is awaited: only then does it keep this program alive. */
  setAwaited(awaited: boolean): void
  /**
   * Asks it to close its environments and end, and makes it end if it has not within 5 seconds.
   * @throws GymnasiumError in the latter case, and if closing failed
   */
  end(): Promise<void>
}

/** What a Python process reports. */
export interface PythonListeners {
  onData(piece: Uint8Array): void
  /** It has ended, or never began: why, as a sentence without a full stop. */
  onEnd(reason: string): void
}

const PATIENCE_MS = 5000

/** Starts Python. What environments print there appears on this process's standard error. */
export function startPython(python: string, { onData, onEnd }: PythonListeners): PythonProcess {
  const root = dirname(createRequire(import.meta.url).resolve('soft-actor-critic/package.json'))
  // Unbuffered, so that what is printed appears when it is printed.
  const child = spawn(python, ['-u', join(root, 'src/gymnasium/host.py')])
  const lastLine = passOn(child)
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)

  const ended = new Promise<{ sound: boolean; reason: string }>(resolve => {
    const finish = (sound: boolean, reason: string) => resolve({ sound, reason })
    child.once('error', (error: NodeJS.ErrnoException) => finish(false, whyNotStarted(python, error)))
    child.once('exit', (code, signal) => {
      const report = () => finish(code === 0, whyEnded(python, code, signal, lastLine()))
      // Its last output may still be on its way, but something it started may keep the streams open for ever.
      setTimeout(report, 200)
      child.once('close', report)
    })
  })
  void ended.then(({ reason }) => {
    process.off('exit', kill)
    onEnd(reason)
  })
  child.stdout.on('data', onData)
  // A process that has gone cannot be written to; onEnd says why it has.
  child.stdin.on('error', () => {})

  return {
    write: bytes => void child.stdin.write(bytes),

    setAwaited(awaited) {
      const method = awaited ? 'ref' : 'unref'
      child[method]()
      // Pipes are sockets, which the types do not say.
      for (const stream of [child.stdin, child.stdout, child.stderr])
        (stream as unknown as typeof child)[method]()
    },

    async end() {
      child.ref()
      child.stdin.end()
      let late = false
      const timer = setTimeout(() => {
        late = true
        kill()
      }, PATIENCE_MS)
      const { sound, reason } = await ended
      clearTimeout(timer)
      if (late) {
        throw new GymnasiumError(
          `Python had not ended ${PATIENCE_MS / 1000} s after it was asked to, and was stopped: look at close() of the ` +
            'environment, and for threads and processes that it leaves running',
        )
      }
      if (!sound) throw new GymnasiumError(`closing the environments failed: ${reason}`)
    },
  }
}

/** Passes on a process's standard error; returns a function that gives the last line of it. */
function passOn({ stderr }: ChildProcessWithoutNullStreams): () => string {
  let tail = ''
  stderr.setEncoding('utf8').on('data', (text: string) => {
    process.stderr.write(text)
    tail = (tail + text).slice(-1000)
  })
  return () => tail.trimEnd().split('\n').at(-1)!
}

function whyNotStarted(python: string, { code, message }: NodeJS.ErrnoException): string {
  if (code !== 'ENOENT') return `Python cannot be started as '${python}' (${message})`
  return (
    `there is no program '${python}': install Python 3 and its package gymnasium, or say where Python is with the ` +
    'option python or the environment variable SAC_PYTHON'
  )
}

function whyEnded(python: string, code: number | null, signal: string | null, said: string): string {
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`
  return `Python ('${python}') ${how}${said ? `, and said last: ${said}` : ' and said nothing'}`
}
