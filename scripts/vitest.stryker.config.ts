import { defineConfig } from 'vitest/config'
import base from '../vitest.config.ts'

/** The tests that judge a mutation of the refresh transaction or of the file's compare-and-set: fast ones, without child processes. */
export default defineConfig({
  resolve: base.resolve,
  ssr: base.ssr,
  test: { include: ['packages/core/test/**/*.test.ts', 'packages/store-file/test/**/*.test.ts'], testTimeout: 20_000 },
})
