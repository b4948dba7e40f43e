import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import type { TestProjectInlineConfiguration } from 'vitest/config'
import { executablePath, noBrowser } from '../chromium.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Core's own unit tests, in a page of real Chromium. */
export const coreInChromium: TestProjectInlineConfiguration = noBrowser
  ? { test: { name: 'core in Chromium', include: [here('./skipped.test.ts')] } }
  : {
      resolve: {
        conditions: ['@tokenflight/source', 'module', 'browser', 'development|production'],
        alias: [{ find: /^node:.*/, replacement: here('./node.ts') }],
      },
      test: {
        name: 'core in Chromium',
        include: ['packages/core/test/**/*.test.ts'],
        exclude: [
          // Follows redirects of a Node server; a browser's fetch does not show them to anybody.
          '**/follow-redirects.test.ts',
          // Streams and Buffers of Node as bodies.
          '**/replayable.test.ts',
          '**/replay-options.test.ts',
          // Subscribes to Node's diagnostics_channel.
          '**/event-log.test.ts',
          // Counts promises with Node's async_hooks.
          '**/effort.test.ts',
        ],
        setupFiles: [here('./globals.ts')],
        api: { host: '127.0.0.1' },
        browser: {
          enabled: true,
          headless: true,
          screenshotFailures: false,
          provider: playwright({ launchOptions: { executablePath } }),
          instances: [{ browser: 'chromium' }],
        },
      },
    }
