import { test } from 'vitest'
import { noBrowser } from '../chromium.ts'

test.skipIf(noBrowser)("core's own unit tests run in Chromium", () => {
  throw new Error('Chromium is here: the tests themselves are to run')
})
