import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `npm run dev` of the console finds the API. */
const server = process.env['VEDETTE_URL'] ?? 'http://127.0.0.1:7443'

// Started by a test it would be `test`, and what is shipped must not depend on who builds it.
if (process.argv.includes('build')) process.env['NODE_ENV'] = 'production'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    target: 'es2024',
    // A file inlined as data: would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    // Every supported browser preloads by itself.
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/graphql': { target: server, ws: true },
      '/auth': { target: server },
      '/api': { target: server },
    },
  },
})
