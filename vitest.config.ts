import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { coreInChromium } from './test/browser/core/project.ts'

// Tests run against the sources: the export condition below makes workspace packages resolve to src/.
const conditions = ['@tokenflight/source', 'module', 'node', 'development|production']
const project = (name: string, include: string[], extra = {}) => ({
  extends: true as const,
  test: { name, include, environment: 'node', ...extra },
})

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: ['default', './scripts/count-reporter.mjs'],
    // Most of these tests wait for processes and sockets: four files share two cores well.
    maxWorkers: availableParallelism() + 2,
    // These only end what would never come: a busy machine is late, and not wrong.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    coverage: {
      provider: 'v8',
      include: ['packages/core/src/**', 'packages/store-file/src/**'],
      exclude: ['**/index.ts'],
      reporter: ['text', 'json-summary'],
      thresholds: { lines: 95, branches: 95 },
    },
    projects: [
      project('core', ['packages/core/test/**/*.test.ts']),
      project('oauth', ['packages/oauth/test/**/*.test.ts']),
      project('fetch', ['packages/fetch/test/**/*.test.ts']),
      project('axios', ['packages/axios/test/**/*.test.ts']),
      project('got', ['packages/got/test/**/*.test.ts']),
      project('ky', ['packages/ky/test/**/*.test.ts']),
      project('store-file', ['packages/store-file/test/**/*.test.ts']),
      project('store-redis', ['packages/store-redis/test/**/*.test.ts']),
      project('store-postgres', ['packages/store-postgres/test/**/*.test.ts']),
      project('opentelemetry', ['packages/opentelemetry/test/**/*.test.ts']),
      project('testing', ['packages/testing/test/**/*.test.ts']),
      project('cli', ['packages/cli/test/**/*.test.ts']),
      project('tokenflight', ['packages/tokenflight/test/**/*.test.ts']),
      project('conformance', ['test/conformance/**/*.test.ts']),
      project('processes', ['test/processes/**/*.test.ts']),
      project('fleet', ['test/fleet/**/*.test.ts'], { testTimeout: 120_000 }),
      coreInChromium,
      project('browser', ['test/browser/*.test.ts']),
      project('examples', ['examples/**/*.test.ts']),
      project('peers', ['test/peers/**/*.test.ts']),
      project('docs', ['test/docs/**/*.test.ts']),
      project('harness', ['test/{chaos,simulation,bench,diagnose,soak,fuzz}/**/*.test.ts']),
    ],
  },
})
