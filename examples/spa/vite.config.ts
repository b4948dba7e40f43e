import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type UserConfig } from 'vite'

// Only because the packages come from this repository instead of npm: they are taken as source, and live outside of this folder.
const fromThisRepository: UserConfig = {
  resolve: { conditions: ['@tokenflight/source', ...defaultClientConditions], dedupe: ['axios', 'ky', 'oauth4webapi'] },
  // In a few files, as they would come from npm, instead of two hundred; anew at every start, because the sources may have changed.
  optimizeDeps: {
    include: ['axios', 'core', 'ky', 'oauth', 'store-web'].map((name) => `@tokenflight/${name}`),
    force: true,
  },
  server: { fs: { allow: [fileURLToPath(new URL('../..', import.meta.url))] } },
}

export default defineConfig({ plugins: [react()], ...fromThisRepository })
