// With these headers a page may share memory, which the option `threads` needs; your host has to send them as well.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/** @type {import('vite').UserConfig} */
export default {
  // Relative addresses, so that the site can lie in any folder.
  base: './',
  // Modules in Workers, because the library loads environments when they are made.
  worker: { format: 'es' },
  server: { headers },
  preview: { headers },
}
