/** Loaded before `sac`: kills the process in the middle of its file system call number `KILL_AT`, counted from 1. */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

let left = Number(process.env.KILL_AT)
for (const name of ['mkdirSync', 'writeFileSync', 'fsyncSync', 'renameSync', 'rmSync']) {
  const original = fs[name]
  fs[name] = (...args) => {
    if (--left === 0) {
      const [file, data] = args
      if (name === 'writeFileSync') original(file, data.slice(0, data.length / 2))
      process.kill(process.pid, 'SIGKILL')
    }
    return original(...args)
  }
}
syncBuiltinESMExports()
