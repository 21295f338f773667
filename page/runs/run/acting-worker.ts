/** A policy acting in an environment of its own, off the page's thread. */
import '../../../src/envs/mujoco/bundled.ts'
import { loadPolicy, makeEnv, stackFrames, timeLimit } from '../../../src/index.ts'
import type { RunDetails } from '../../../src/run/ui/messages.ts'
import { createStage, type Stage } from '../../playground/training/stage.ts'

export interface ActingOrder {
  bytes: Uint8Array
  inPage: NonNullable<RunDetails['inPage']>
}

let stage: Stage | undefined
let turn = 0

addEventListener('message', async ({ data }: MessageEvent<ActingOrder>) => {
  const own = ++turn
  stage?.stop()
  try {
    const { environment, options, timeLimit: most, stackFrames: frames } = data.inPage
    const made = await makeEnv(environment, options)
    const limited = most === undefined ? made : timeLimit(made, most)
    const env = frames === 1 ? limited : stackFrames(limited, frames)
    // Another policy may have been chosen meanwhile.
    if (own !== turn) return void env.close?.()
    stage = createStage({
      envs: [env],
      policy: loadPolicy(data.bytes),
      show: picture => postMessage({ picture }),
      fail: error => postMessage({ fault: (error as Error).message }),
    })
    stage.play()
  } catch (error) {
    postMessage({ fault: (error as Error).message })
  }
})
