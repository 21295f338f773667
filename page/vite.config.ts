import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { defineConfig } from 'vite'

const root = import.meta.dirname
/** Asked for by engines that the page does not offer. */
const external = ['#onnxruntime', 'onnxruntime-web/wasm']

/** What the page says before it loads MuJoCo. */
const mujoco = readFileSync(createRequire(import.meta.url).resolve('@mujoco/mujoco/mujoco.wasm'))
const MUJOCO_BYTES = JSON.stringify({ plain: mujoco.length, gzip: gzipSync(mujoco).length })

export default defineConfig({
  root,
  define: { MUJOCO_BYTES },
  // Relative addresses, so that the site can lie in any folder of any host.
  base: './',
  server: { fs: { allow: [join(root, '..')] } },
  worker: { format: 'es', rolldownOptions: { external } },
  optimizeDeps: { exclude: ['@mujoco/mujoco'] },
  build: {
    target: 'es2022',
    outDir: join(root, '../dist/page'),
    emptyOutDir: true,
    // three.js, which is loaded for scenes in space alone.
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      input: { playground: join(root, 'index.html'), runs: join(root, 'runs/index.html') },
      external,
    },
  },
})
