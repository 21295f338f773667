import { join } from 'node:path'
import { defineConfig } from 'vite'

const root = import.meta.dirname
/** Asked for by engines that the page does not offer. */
const external = ['#onnxruntime', 'onnxruntime-web/wasm']

export default defineConfig({
  root,
  // Relative addresses, so that the site can lie in any folder of any host.
  base: './',
  server: { fs: { allow: [join(root, '..')] } },
  worker: { format: 'es', rolldownOptions: { external } },
  optimizeDeps: { exclude: ['@mujoco/mujoco'] },
  build: {
    target: 'es2022',
    outDir: join(root, '../dist/page'),
    emptyOutDir: true,
    rolldownOptions: {
      input: { playground: join(root, 'index.html'), runs: join(root, 'runs/index.html') },
      external,
    },
  },
})
